//! A shop's whole history in one file: how long it takes to bring in, how much memory, that a second time changes nothing, and
//! how quickly any fragment finds a buyer afterwards.

use super::line::Line;
use super::measure::unexpected;
use super::people;
use super::place::{Place, Site};
use super::process::{Process, own_program, pause};
use super::report::{Bound, Report};
use super::requests;
use super::stats::{micros, percentile};
use crate::customers::import::layouts;
use crate::kit::refusal::Stop;
use encoding_rs::GB18030;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::Path;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

/// Orders of one buyer, on average: three in four come once.
const ORDERS_EACH: u64 = 4;
const LOOK_EVERY: Duration = Duration::from_millis(10);
/// Searches with each fragment.
const SEARCHES: usize = 20;
/// Whole and cut: common and rare, Chinese and not, number tails, an order number, what nobody has.
const FRAGMENTS: [&str; 12] =
    ["买家", "买家7", "家77", "爱喝茶", "小鹿", "林小鹿", "138", "4321", "1234567890", "777", "nobody at all", "查无此人"];

#[derive(Debug, clap::Args)]
pub struct Options {
    /// Rows of the file, one order each
    #[arg(long, default_value_t = 1_000_000)]
    rows: u64,
    /// Every row is of another buyer; without it, a buyer has four orders
    #[arg(long)]
    distinct: bool,
    #[command(flatten)]
    site: Site,
}

/// # Errors
/// `Fault` when something cannot be started, or the second import changed something.
pub async fn run(options: Options) -> Result<(), Stop> {
    let place = Place::make(&options.site)?;
    let mut report = Report::default();
    report.setting("measured on", place.describe());
    let file = place.file("orders.csv");
    let each = if options.distinct { 1 } else { ORDERS_EACH };
    eprintln!("writing {} rows", options.rows);
    let size = write(&file, options.rows, each).map_err(Stop::fault)?;
    report.setting("file", format!("{} rows of 46 columns in GB18030, {} MB", options.rows, size / 1_000_000));
    let mut server = Process::server(&place).await?;
    people::found(&place, server.address, "owner").await?;
    server.stop().await?;

    eprintln!("measuring: import");
    let first = import(&place, &file).await?;
    let rows = options.rows as f64;
    report.verdict("import: time", first.seconds, Bound::AtMost(60.0 * (rows / 1e6).max(1.0)), "s");
    report.verdict("import: rows", rows / first.seconds, Bound::None, "rows/s");
    report.verdict("import: memory at most", first.peak as f64 / 1e6, Bound::AtMost(300.0), "MB");
    report.verdict("import: new orders", first.new_orders as f64, Bound::AtLeast(rows), "orders");
    report.verdict("import: new buyers", first.new_buyers as f64, Bound::None, "buyers");
    eprintln!("measuring: the same file again");
    let again = import(&place, &file).await?;
    report.verdict("the same file again: time", again.seconds, Bound::None, "s");
    report.verdict("the same file again: new", (again.new_buyers + again.new_orders) as f64, Bound::AtMost(0.0), "rows");

    let server = Process::server(&place).await?;
    search(&place, &server, &mut report).await?;
    options.site.publish(&report.text(), &report.json())?;
    if again.new_buyers + again.new_orders == 0 { Ok(()) } else { Err(Stop::fault("the second import changed something")) }
}

/// Writes an export as the platform does; gives its size (bytes).
fn write(path: &Path, rows: u64, each: u64) -> std::io::Result<u64> {
    let mut out = BufWriter::new(File::create(path)?);
    let layouts = layouts::all();
    let headers = &layouts[0].headers;
    out.write_all(&GB18030.encode(&format!("{}\r\n", headers.join(","))).0)?;
    for row in 0..rows {
        let cells = headers.iter().map(|name| cell(name, row, row / each));
        out.write_all(&GB18030.encode(&format!("{}\r\n", cells.collect::<Vec<_>>().join(","))).0)?;
    }
    out.flush()?;
    Ok(std::fs::metadata(path)?.len())
}

fn cell(name: &str, row: u64, buyer: u64) -> String {
    // A step that visits every remainder once, so that neighbours share nothing.
    let mixed = buyer.wrapping_mul(7_919_111) % 100_000_000;
    match name {
        "订单编号" => format!("=\"{}\"", 1_234_567_890_000_000_000 + row),
        "买家会员名" => format!("买家{mixed}爱喝茶"),
        "收货人姓名" => format!("林小鹿{}", mixed % 1_000),
        "联系手机" => format!("'138{mixed:08}"),
        "收货地址" => format!("\"浙江省, 杭州市 文三路 {} 号\"", mixed % 977),
        "订单创建时间" | "订单付款时间" => format!("2018-06-{:02} 12:{:02}:00", row % 28 + 1, row % 60),
        "买家实际支付金额" | "总金额" | "买家应付货款" => format!("{}.50", row % 900),
        "订单状态" => "卖家已发货，等待买家确认".into(),
        "宝贝标题" => "明前龙井 250g 礼盒装 2018 新茶".into(),
        "宝贝总数量" | "宝贝种类" => "1".into(),
        "店铺名称" => "小鹿茶铺旗舰店".into(),
        _ => String::new(),
    }
}

struct Imported {
    seconds: f64,
    /// Resident memory at its highest (bytes).
    peak: u64,
    new_buyers: u64,
    new_orders: u64,
}

/// `dutyboard import`, in a process of its own.
async fn import(place: &Place, file: &Path) -> Result<Imported, Stop> {
    let mut command = own_program("import")?;
    command.arg(file).arg("--quiet").arg("--data").arg(place.server_dir());
    if let Some(url) = place.server_url() {
        command.env("DUTYBOARD_DATABASE_URL", url);
    }
    let started = Instant::now();
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().map_err(Stop::fault)?;
    let peak = until_done(&mut child).await?;
    let seconds = started.elapsed().as_secs_f64();
    let mut said = String::new();
    std::io::Read::read_to_string(&mut child.stdout.take().ok_or_else(|| Stop::fault("no output"))?, &mut said)
        .map_err(Stop::fault)?;
    // "A new buyers, B new orders"
    let line = said.lines().find(|line| line.contains(" new buyers")).ok_or_else(|| Stop::fault(format!("it said: {said}")))?;
    let mut numbers = line.split(' ').filter_map(|word| word.parse().ok());
    let (new_buyers, new_orders) = numbers.next().zip(numbers.next()).ok_or_else(|| Stop::fault(line.to_owned()))?;
    Ok(Imported { seconds, peak, new_buyers, new_orders })
}

/// Waits for the end; gives the highest memory seen (bytes).
async fn until_done(child: &mut Child) -> Result<u64, Stop> {
    let mut peak = 0;
    loop {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        let high = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kb = high.and_then(|text| text.trim().trim_end_matches(" kB").parse::<u64>().ok()).unwrap_or(0);
        peak = peak.max(kb * 1_024);
        match child.try_wait().map_err(Stop::fault)? {
            Some(status) if status.success() => return Ok(peak),
            Some(status) => return Err(Stop::fault(format!("the import failed: {status}"))),
            None => pause(LOOK_EVERY).await,
        }
    }
}

async fn search(place: &Place, server: &Process, report: &mut Report) -> Result<(), Stop> {
    eprintln!("measuring: search");
    let owner = people::Session::log_in(server.address, "owner").await?;
    let mut line = Line::open(server.address).await.map_err(Stop::fault)?;
    let asked = |fragment: &str| {
        let coded: String = fragment.bytes().map(|byte| format!("%{byte:02X}")).collect();
        requests::get(&format!("/api/v1/customers?q={coded}"), Some(&owner.token))
    };
    let began = Instant::now();
    line.exchange(&asked(FRAGMENTS[0])).await.map_err(Stop::fault)?;
    report.verdict("search: the first after the start", began.elapsed().as_secs_f64() * 1e3, Bound::None, "ms");
    let mut times = Vec::new();
    for fragment in FRAGMENTS.iter().cycle().take(FRAGMENTS.len() * SEARCHES) {
        let request = asked(fragment);
        let began = Instant::now();
        let status = line.exchange(&request).await.map_err(Stop::fault)?;
        times.push(micros(began.elapsed()));
        if status != 200 {
            return Err(unexpected(status, line.body()));
        }
    }
    times.sort_unstable();
    report.verdict("search: p50", percentile(&times, 50.0) / 1e3, Bound::None, "ms");
    report.verdict("search: p99", percentile(&times, 99.0) / 1e3, Bound::AtMost(50.0), "ms");
    report.verdict("search: memory of the server", server.memory()? as f64 / 1e6, Bound::None, "MB");
    let on_disk =
        place.server_database().is_none().then(|| std::fs::metadata(place.server_dir().join("dutyboard.sqlite")).ok()).flatten();
    if let Some(file) = on_disk {
        report.verdict("database on disk", file.len() as f64 / 1e6, Bound::None, "MB");
    }
    Ok(())
}
