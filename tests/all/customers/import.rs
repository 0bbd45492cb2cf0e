//! Files as shops export them, in every layout and encoding: read, refused, and imported twice.

use crate::harness::{World, both_engines};
use diesel::prelude::*;
use dutyboard::customers::import::ahead::Import;
use dutyboard::customers::import::{Fault, LEFT_OUT, Summary, buyer_id, layouts};
use dutyboard::customers::{papers, store};
use dutyboard::db::schema::sync_workspace;
use dutyboard::door::{Actor, Via};
use dutyboard::kit::refusal::{Code, Stop};
use serde_json::json;
use std::io::Cursor;

/// A file of a layout, as the platform writes it: some headers end in a space, order numbers are `="…"`, mobiles begin with `'`.
pub fn file(layout: usize, rows: usize) -> String {
    let layout = &layouts::all()[layout];
    let spaced = ["收货地址", "联系电话", "订单付款时间", "宝贝标题", "宝贝种类", "物流单号"];
    let header = layout.headers.iter().map(|name| if spaced.contains(name) { format!("{name} ") } else { (*name).to_owned() });
    let mut text = header.collect::<Vec<_>>().join(",") + "\r\n";
    for number in 0..rows {
        let cell = |name: &&str| match *name {
            "订单编号" => format!("=\"{}\"", 123_456_789_012_345_600_u64 + number as u64),
            "买家会员名" | "昵称" => format!("买家{}", number % 7),
            "收货人姓名" | "姓名" => "林小鹿".into(),
            "联系手机" | "手机" => format!("'138{:08}", number % 7),
            "收货地址" => "\"浙江省, 杭州市 文三路\"".into(),
            "订单创建时间" | "买家下单时间" => "2018-06-01 12:30:00".into(),
            "买家实际支付金额" | "买家实付金额" => "128.50".into(),
            "打款商家金额" => "128.50元".into(),
            "订单状态" => "卖家已发货，等待买家确认".into(),
            _ => String::new(),
        };
        text += &(layout.headers.iter().map(cell).collect::<Vec<_>>().join(",") + "\r\n");
    }
    text
}

/// The same sheet as a spreadsheet saves it.
fn twin(text: &str) -> Vec<u8> {
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet();
    let mut rows = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    for (line, row) in (0..).zip(rows.records()) {
        for (column, cell) in (0..).zip(row.expect("a row").iter()) {
            sheet.write_string(line, column, cell).expect("a cell");
        }
    }
    book.save_to_buffer().expect("a book")
}

fn import(world: &World, bytes: &[u8]) -> Result<(Summary, Vec<Fault>), Code> {
    let mut faults = Vec::new();
    let system = Actor::system(&world.cast.workspace, Via::Cli);
    let mut keep = |fault| {
        faults.push(fault);
        Ok(())
    };
    let (team_id, zone) = (world.cast.team_1.as_str(), chrono_tz::Asia::Shanghai);
    let import = Import { door: &world.app.door, actor: &system, team_id, shop_id: None, ahead: 2 };
    match import.run(Cursor::new(bytes.to_vec()), zone, &mut |_| Ok(()), &mut keep) {
        Ok(summary) => Ok((summary, faults)),
        Err(Stop::Refused(refusal)) => Err(refusal.code),
        Err(stop) => panic!("{stop}"),
    }
}

fn counts(world: &World) -> (i64, i64) {
    world.read(|conn| papers::counts(conn, &world.cast.workspace))
}

fn version(world: &World) -> i64 {
    world.read(|conn| Ok(sync_workspace::table.find(&world.cast.workspace).select(sync_workspace::version).get_result(conn)?))
}

both_engines! {
    fn every_layout_in_every_encoding_and_twice_is_once(engine) {
        let world = World::new(engine);
        for layout in 0..layouts::all().len() {
            let text = file(layout, 20);
            let (gb, _, _) = encoding_rs::GB18030.encode(&text);
            let marked = [b"\xef\xbb\xbf".as_slice(), text.as_bytes()].concat();
            for bytes in [gb.as_ref(), text.as_bytes(), &marked, &twin(&text)] {
                let (summary, faults) = import(&world, bytes).expect("a known layout");
                assert_eq!((summary.rows, summary.faults, faults.len()), (20, 0, 0), "{}", summary.layout);
            }
            assert_eq!(counts(&world), (7, 20), "the same buyers and the same orders in every file");
        }
        let before = version(&world);
        import(&world, file(4, 20).as_bytes()).expect("again");
        assert_eq!(version(&world), before, "nothing new is no change");
        let id = buyer_id(&world.cast.workspace, "买家3");
        let card = world.read(|conn| store::customer(conn, &world.cast.workspace, &id));
        assert_eq!((card.phone.as_str(), card.address.as_str()), ("13800000003", "浙江省, 杭州市 文三路"));
    }

    /// Spreadsheets round long numbers: then many rows have the same one.
    fn an_order_stays_with_the_buyer_it_first_came_with(engine) {
        let world = World::new(engine);
        let twice = file(0, 3).replace("600\"", "602\"").replace("601\"", "602\"");
        import(&world, twice.as_bytes()).expect("imported");
        assert_eq!(counts(&world), (3, 1));
        let before = version(&world);
        import(&world, twice.as_bytes()).expect("again");
        assert_eq!((counts(&world), version(&world)), ((3, 1), before));
        // The same number with a buyer who is new in this file.
        let later = file(0, 5).replace("604\"", "602\"").lines().take(1).chain(file(0, 5).replace("604\"", "602\"").lines().skip(5)).collect::<Vec<_>>().join("\r\n");
        import(&world, later.as_bytes()).expect("one more buyer");
        assert_eq!(counts(&world), (4, 1));
        let order = world.read(|conn| papers::orders_by_number(conn, &world.cast.workspace, &["123456789012345602".to_owned()]));
        assert_eq!(order[0].customer_id, buyer_id(&world.cast.workspace, "买家0"));
    }

    fn what_a_person_typed_is_not_overwritten_by_a_file(engine) {
        let world = World::new(engine);
        import(&world, file(0, 7).as_bytes()).expect("imported");
        let id = buyer_id(&world.cast.workspace, "买家3");
        world.run(&world.cast.ann, "customer.reach", json!({ "id": id, "phone": "13999999999" })).expect("the new number");
        world.run(&world.cast.ann, "customer.save", json!({ "id": id, "name": "林鹿" })).expect("the right name");
        import(&world, file(1, 7).as_bytes()).expect("imported again");
        let card = world.read(|conn| store::customer(conn, &world.cast.workspace, &id));
        assert_eq!((card.phone.as_str(), card.name.as_str()), ("13999999999", "林鹿"));
    }

    fn the_sheet_of_what_was_left_out_is_imported_once_it_is_right(engine) {
        let world = World::new(engine);
        let whole = file(0, 3);
        let (header, rows) = whole.split_once("\r\n").expect("lines");
        for names in LEFT_OUT {
            let sheet = format!("\u{feff}{},{},{header}\r\n3,时间有误,{}\r\n,,,,\r\n", names[0], names[1], rows.lines().nth(1).expect("a row"));
            let (summary, faults) = import(&world, sheet.as_bytes()).expect("known");
            assert_eq!((summary.layout, summary.rows, faults.len()), ("ExportOrderList, 46", 1, 0));
        }
        assert_eq!(counts(&world), (1, 1));
    }

    fn broken_files_change_nothing_and_broken_rows_are_kept(engine) {
        let world = World::new(engine);
        let slipped = file(0, 3).replacen("买家会员名", "买家会员", 1);
        for bytes in [slipped.as_bytes(), b"", b"PK\x03\x04 no book", b"a,b\n1,2\n"] {
            let code = import(&world, bytes).expect_err("refused");
            assert!(matches!(code, Code::BadValue | Code::UnsupportedMedia), "{code:?}");
        }
        assert_eq!(counts(&world), (0, 0));
        let mut text = file(0, 3);
        text = text.replacen("买家1", "", 1).replacen("2018-06-01 12:30:00", "gestern", 1);
        let (summary, faults) = import(&world, text.as_bytes()).expect("the rest is good");
        assert_eq!(faults.iter().map(|fault| (fault.line, fault.what)).collect::<Vec<_>>(), [(2, "time"), (3, "no_buyer")]);
        assert_eq!((summary.rows, counts(&world)), (3, (1, 1)));
        assert!(faults[0].cells.contains(&"gestern".to_owned()), "the row is kept as it was");
    }
}
