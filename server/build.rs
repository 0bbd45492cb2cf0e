//! Builds the web app into the binary: `npm ci` when the lock file changed, then Vite. Set `DUTYBOARD_SKIP_CLIENT=1` to build
//! the server alone (it then serves no pages).

use std::path::{Path, PathBuf};
use std::process::Command;

#[allow(clippy::disallowed_methods, reason = "a build script is configured by its environment")]
fn main() {
    let client = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").unwrap_or_default()).join("../client");
    let out = PathBuf::from(std::env::var("OUT_DIR").unwrap_or_default()).join("client");
    for path in ["src", "public", "index.html", "vite.config.ts", "svelte.config.js", "precache.ts", "package-lock.json"] {
        println!("cargo:rerun-if-changed={}", client.join(path).display());
    }
    println!("cargo:rerun-if-changed=../migrations");
    println!("cargo:rerun-if-env-changed=DUTYBOARD_SKIP_CLIENT");
    if std::env::var_os("DUTYBOARD_SKIP_CLIENT").is_some() {
        std::fs::create_dir_all(&out).unwrap_or_else(|error| stop(&error.to_string()));
        return;
    }
    install(&client);
    run(&client, &["run", "build", "--", "--outDir", &out.to_string_lossy(), "--emptyOutDir"]);
}

/// `npm ci` only when what is installed is not what the lock file says.
fn install(client: &Path) {
    let stamp = client.join("node_modules/.dutyboard-lock");
    let lock = std::fs::read(client.join("package-lock.json")).unwrap_or_default();
    if std::fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return;
    }
    run(client, &["ci", "--no-audit", "--no-fund"]);
    if let Err(error) = std::fs::write(&stamp, lock) {
        stop(&error.to_string());
    }
}

fn run(client: &Path, args: &[&str]) {
    let output = Command::new("npm").args(args).current_dir(client).output();
    match output {
        Err(_) => stop("Node.js 20.19 or newer with npm is needed to build the web app: install it and run cargo again."),
        Ok(output) if !output.status.success() => {
            let text = [output.stdout, output.stderr].concat();
            stop(&format!(
                "npm {} failed (Node.js 20.19 or newer is needed):\n{}",
                args.join(" "),
                String::from_utf8_lossy(&text)
            ));
        }
        Ok(_) => {}
    }
}

fn stop(message: &str) -> ! {
    eprintln!("\n{message}\n");
    std::process::exit(1);
}
