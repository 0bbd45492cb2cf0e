//! The web app: built into the binary, or from a folder. Text files lie beside their compressed twins.

use super::problem::Problem;
use crate::app::App;
use crate::kit::refusal::{Code, Stop};
use actix_web::http::header::{self, ContentEncoding};
use actix_web::{HttpRequest, HttpResponse, web};
use rust_embed::RustEmbed;
use std::borrow::Cow;
use std::path::Path;

#[derive(RustEmbed)]
#[folder = "$OUT_DIR/client"]
struct Built;

fn load(folder: Option<&Path>, path: &str) -> Option<Cow<'static, [u8]>> {
    match folder {
        None => Built::get(path).map(|file| file.data),
        Some(folder) => std::fs::read(folder.join(path)).ok().map(Cow::Owned),
    }
}

/// Any GET that is no endpoint. A path with a file extension that does not exist is a 404 and never the app: a script that
/// turns out to be HTML breaks in ways nobody understands.
pub async fn serve(app: web::Data<App>, request: HttpRequest) -> Result<HttpResponse, Problem> {
    let path = request.path().trim_start_matches('/');
    let clean = !path.split('/').any(|part| part.starts_with('.')) && !path.contains('\\');
    let is_page = !path.rsplit('/').next().unwrap_or("").contains('.');
    let file = if is_page { "index.html" } else { path };
    if !clean || path == "api" || path.starts_with("api/") {
        return Err(Stop::from(Code::NotFound).into());
    }
    let accepts = request.headers().get(header::ACCEPT_ENCODING).and_then(|value| value.to_str().ok()).unwrap_or("");
    let folder = app.config.client.as_deref();
    let twins = [("br", ".br", ContentEncoding::Brotli), ("gzip", ".gz", ContentEncoding::Gzip)];
    let encoded = twins
        .iter()
        .filter(|(name, _, _)| accepts.contains(name))
        .find_map(|(_, suffix, encoding)| Some((load(folder, &format!("{file}{suffix}"))?, Some(*encoding))));
    let (bytes, encoding) = encoded.or_else(|| Some((load(folder, file)?, None))).ok_or(Stop::from(Code::NotFound))?;
    let etag = format!("\"{}\"", &crate::kit::hex::hex(&<sha2::Sha256 as sha2::Digest>::digest(&bytes))[..16]);
    let mut response = HttpResponse::Ok();
    response.insert_header((header::VARY, "Accept-Encoding")).insert_header((header::ETAG, etag.clone())).insert_header((
        header::CACHE_CONTROL,
        if path.starts_with("assets/") { "public, max-age=31536000, immutable" } else { "no-cache" },
    ));
    if request.headers().get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok()) == Some(etag.as_str()) {
        return Ok(HttpResponse::NotModified().insert_header((header::ETAG, etag)).finish());
    }
    if let Some(encoding) = encoding {
        response.insert_header(encoding);
    } else {
        response.insert_header(ContentEncoding::Identity);
    }
    Ok(response.content_type(content_type(file)).body(bytes.into_owned()))
}

fn content_type(file: &str) -> &'static str {
    match file.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}
