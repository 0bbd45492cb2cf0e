//! `dutyboard import` as it is typed.

use super::ahead::Import;
use super::{Fault, LEFT_OUT, Summary, read, recognise, sheet};
use crate::app::App;
use crate::config::Config;
use crate::customers::papers;
use crate::db::Purpose;
use crate::door::{Actor, Via};
use crate::kit::clock::Clock;
use crate::kit::progress::Progress;
use crate::kit::refusal::{Code, Refusal, Stop};
use crate::team;
use std::io::BufReader;
use std::path::{Path, PathBuf};

/// Parts on the way at once: nobody else waits.
const AHEAD: usize = 16;

#[derive(Debug, clap::Args)]
pub struct Options {
    /// A shop's export (CSV in UTF-8 or GB18030, or XLSX), or a sheet with the columns 昵称 姓名 手机 邮箱 收货地址 标签 备注
    pub file: PathBuf,
    /// Name of the team that the buyers belong to; the first one if not given
    #[arg(long)]
    pub team: Option<String>,
    /// Name of the shop
    #[arg(long)]
    pub shop: Option<String>,
    /// Only say what the file holds
    #[arg(long)]
    pub preview: bool,
    /// Say nothing while at work
    #[arg(long)]
    pub quiet: bool,
    #[command(flatten)]
    pub config: Config,
}

/// What an import did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub summary: Summary,
    pub new_buyers: i64,
    pub new_orders: i64,
    /// Where the rows are that were left out, if there were any.
    pub faults: Option<PathBuf>,
}

/// Imports a file into the first workspace. On SQLite the server must be stopped; the caller holds the data folder.
///
/// # Errors
/// `gone` for a team or shop that is not there, what [`read`] refuses, `Fault` for files that cannot be read or written.
pub fn run(options: &Options, progress: &mut dyn Progress) -> Result<Imported, Stop> {
    let app = App::open(Config { purpose: Purpose::Fill, ..options.config.clone() }, Clock::system())?;
    let workspace_id = app.db.read(team::store::workspace_ids)?.into_iter().next().ok_or(Stop::from(Code::Gone))?;
    let (zone, team_id, shop_id, before) = app.db.read(|conn| {
        let teams = team::store::teams(conn, &workspace_id)?;
        let team = teams.iter().find(|team| options.team.as_ref().is_none_or(|name| team.name == *name)).ok_or(gone("team"))?;
        let shops = team::store::shops(conn, &workspace_id)?;
        let shop = |name: &String| shops.iter().find(|shop| shop.name == *name).map(|shop| shop.id.clone()).ok_or(gone("shop"));
        let shop_id = options.shop.as_ref().map(shop).transpose()?;
        Ok((team::zone(conn, &workspace_id)?, team.id.clone(), shop_id, papers::counts(conn, &workspace_id)?))
    })?;
    let system = Actor::system(&workspace_id, Via::Cli);
    let mut file = BufReader::new(std::fs::File::open(&options.file).map_err(Stop::fault)?);
    let mut left_out = LeftOut::beside(&options.file, recognise(&mut file)?.0);
    let mut keep = |fault: Fault| left_out.add(&fault);
    progress.begin("importing", sheet::count(&mut file)?);
    let summary = if options.preview {
        read(file, zone, &mut |rows| progress.advance(rows.len() as u64), &mut keep)?
    } else {
        let shop_id = shop_id.as_deref();
        let import = Import { door: &app.door, actor: &system, team_id: &team_id, shop_id, ahead: AHEAD };
        import.run(file, zone, &mut |rows| progress.advance(rows), &mut keep)?
    };
    progress.end();
    let after = app.db.read(|conn| papers::counts(conn, &workspace_id))?;
    Ok(Imported { summary, new_buyers: after.0 - before.0, new_orders: after.1 - before.1, faults: left_out.done()? })
}

fn gone(what: &str) -> Stop {
    Refusal::because(Code::Gone, format!("no {what} of this name")).into()
}

/// The rows that were left out, as a sheet to correct and import again: line, what is wrong, cells. UTF-8 with a mark, so that
/// spreadsheets read it.
struct LeftOut {
    path: PathBuf,
    headers: Vec<String>,
    writer: Option<csv::Writer<std::fs::File>>,
}

impl LeftOut {
    fn beside(file: &Path, headers: Vec<String>) -> Self {
        let mut name = file.as_os_str().to_owned();
        name.push(".faults.csv");
        LeftOut { path: name.into(), headers, writer: None }
    }

    fn add(&mut self, fault: &Fault) -> Result<(), Stop> {
        if self.writer.is_none() {
            use std::io::Write;
            let mut file = std::fs::File::create(&self.path).map_err(Stop::fault)?;
            file.write_all("\u{feff}".as_bytes()).map_err(Stop::fault)?;
            let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(file);
            let own = LEFT_OUT[0].iter().copied().chain(self.headers.iter().map(String::as_str));
            writer.write_record(own).map_err(Stop::fault)?;
            self.writer = Some(writer);
        }
        let (line, what) = (fault.line.to_string(), fault.what.to_owned());
        let record = [line, what].into_iter().chain(fault.cells.iter().cloned());
        self.writer.as_mut().map_or(Ok(()), |writer| writer.write_record(record)).map_err(Stop::fault)
    }

    fn done(mut self) -> Result<Option<PathBuf>, Stop> {
        let Some(writer) = &mut self.writer else { return Ok(None) };
        writer.flush().map_err(Stop::fault)?;
        Ok(Some(self.path))
    }
}
