//! A row of a file as a buyer and, in order exports, an order.

use crate::customers::rules;
use crate::kit::zone;
use chrono::NaiveDateTime;
use chrono_tz::Tz;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};

/// A buyer of a file. An empty text: the file does not say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ImportRow {
    pub nick: String,
    pub name: String,
    pub phone: String,
    pub email: String,
    pub address: String,
    pub tags: Vec<String>,
    pub notes: String,
    pub order: Option<ImportOrder>,
}

/// An order of a file. Instants in UTC ms, money in cents; `raw`: the filled columns as JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[cfg_attr(test, derive(ts_rs::TS), ts(export, export_to = "api.ts"))]
pub struct ImportOrder {
    pub number: String,
    pub state: String,
    pub title: String,
    pub cents: Option<i64>,
    pub ordered_at: Option<i64>,
    pub paid_at: Option<i64>,
    pub raw: String,
}

/// Reads rows under known headers.
pub struct Form {
    headers: Vec<String>,
    columns: HashMap<String, usize>,
    zone: Tz,
}

impl Form {
    pub fn new(headers: Vec<String>, zone: Tz) -> Self {
        let columns = headers.iter().enumerate().map(|(at, name)| (name.clone(), at)).collect();
        Form { headers, columns, zone }
    }

    /// # Errors
    /// What is wrong with the row, by name: `columns`, `no_buyer`, `phone`, `email`, `order`, `time`, `amount`, `too_long`.
    pub fn read(&self, cells: &[String]) -> Result<ImportRow, &'static str> {
        if cells.len() != self.headers.len() {
            return Err("columns");
        }
        let cell = |name: &str| self.columns.get(name).map_or("", |at| cells[*at].as_str());
        let first = |names: &[&str]| names.iter().map(|name| cell(name)).find(|text| !text.is_empty()).unwrap_or("").to_owned();
        let row = ImportRow {
            nick: first(&["买家会员名", "昵称"]),
            name: first(&["收货人姓名", "姓名"]),
            phone: phone(&first(&["联系手机", "联系电话", "手机"]))?,
            email: rules::email(cell("邮箱")).map_err(|_| "email")?,
            address: first(&["修改后的收货地址", "收货地址"]),
            tags: cell("标签").split([',', '，', '、']).map(str::trim).filter(|tag| !tag.is_empty()).map(str::to_owned).collect(),
            notes: cell("备注").to_owned(),
            order: if self.columns.contains_key("订单编号") { Some(self.order(cells)?) } else { None },
        };
        let is_long = |text: &str, most: usize| text.chars().count() > most;
        let words = [&row.nick, &row.name].into_iter().chain(&row.tags);
        if words.into_iter().any(|word| is_long(word, rules::WORD_MAX)) || is_long(&row.address, rules::TEXT_MAX) {
            return Err("too_long");
        }
        if row.nick.is_empty() { Err("no_buyer") } else { Ok(row) }
    }

    fn order(&self, cells: &[String]) -> Result<ImportOrder, &'static str> {
        let cell = |names: &[&str]| {
            names.iter().filter_map(|name| self.columns.get(*name)).map(|at| cells[*at].as_str()).find(|text| !text.is_empty())
        };
        let number = cell(&["订单编号"]).unwrap_or("");
        if number.is_empty() || !number.chars().all(|c| c.is_ascii_digit()) || number.len() > 40 {
            return Err("order");
        }
        let filled = self.headers.iter().zip(cells).filter(|(_, text)| !text.is_empty());
        let raw: BTreeMap<&String, &String> = filled.collect();
        Ok(ImportOrder {
            number: number.into(),
            state: cell(&["订单状态"]).unwrap_or("").into(),
            title: cell(&["宝贝标题"]).unwrap_or("").into(),
            cents: cell(&["买家实际支付金额", "买家实付金额"]).map(cents).transpose()?,
            ordered_at: cell(&["订单创建时间", "买家下单时间"]).map(|text| time(text, self.zone)).transpose()?,
            paid_at: cell(&["订单付款时间", "买家付款时间"]).map(|text| time(text, self.zone)).transpose()?,
            raw: serde_json::to_string(&raw).map_err(|_| "columns")?,
        })
    }
}

/// Numbers that the platform has masked are not known.
fn phone(text: &str) -> Result<String, &'static str> {
    if text.contains('*') { Ok(String::new()) } else { rules::phone(text).map_err(|_| "phone") }
}

fn time(text: &str, zone: Tz) -> Result<i64, &'static str> {
    let forms = ["%Y-%m-%d %H:%M:%S", "%Y/%m/%d %H:%M:%S", "%Y/%m/%d %H:%M", "%Y-%m-%d %H:%M"];
    let local = forms.iter().find_map(|form| NaiveDateTime::parse_from_str(text, form).ok()).ok_or("time")?;
    Ok(zone::instant_at(local.date(), local.time(), zone))
}

/// "1234.5" or "1234.50元" as cents.
fn cents(text: &str) -> Result<i64, &'static str> {
    let text = text.trim_end_matches('元').trim();
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let is_number = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    if whole.is_empty() || !is_number(whole) || !is_number(part) || part.len() > 2 {
        return Err("amount");
    }
    format!("{whole}{part:0<2}").parse().map_err(|_| "amount")
}

#[cfg(test)]
mod tests {
    use super::super::layouts;
    use super::*;

    fn form(layout: usize) -> (Form, Vec<String>) {
        let headers: Vec<String> = layouts::all()[layout].headers.iter().map(ToString::to_string).collect();
        (Form::new(headers.clone(), chrono_tz::Asia::Shanghai), headers)
    }

    fn cells(headers: &[String], given: &[(&str, &str)]) -> Vec<String> {
        headers.iter().map(|name| given.iter().find(|(known, _)| known == name).map_or("", |(_, text)| text).to_owned()).collect()
    }

    const GOOD: [(&str, &str); 7] = [
        ("订单编号", "123456789012345678"),
        ("买家会员名", "小鹿"),
        ("联系手机", "13800001111"),
        ("收货地址", "杭州"),
        ("买家实际支付金额", "128.5"),
        ("订单创建时间", "2018-06-01 12:30:00"),
        ("订单状态", "交易成功"),
    ];

    #[test]
    fn a_row_of_every_order_layout_is_read() {
        for layout in 0..3 {
            let (form, headers) = form(layout);
            let row = form.read(&cells(&headers, &GOOD)).expect("a row");
            let order = row.order.expect("an order");
            assert_eq!((row.nick.as_str(), row.phone.as_str(), order.cents), ("小鹿", "13800001111", Some(12_850)));
            assert_eq!(order.ordered_at, Some(1_527_827_400_000));
            assert!(order.raw.contains("交易成功") && !order.raw.contains("发票抬头"), "the filled columns, all of them");
        }
    }

    #[test]
    fn what_is_wrong_with_a_row_is_named() {
        let (form, headers) = form(0);
        for (name, text, fault) in [
            ("买家会员名", "", "no_buyer"),
            ("联系手机", "call me", "phone"),
            ("订单编号", "x1", "order"),
            ("订单创建时间", "yesterday", "time"),
            ("买家实际支付金额", "1,2", "amount"),
        ] {
            let given: Vec<(&str, &str)> =
                GOOD.iter().map(|(known, old)| (*known, if *known == name { text } else { old })).collect();
            assert_eq!(form.read(&cells(&headers, &given)), Err(fault));
        }
        assert_eq!(form.read(&["too few".to_owned()]), Err("columns"));
        let masked: Vec<(&str, &str)> =
            GOOD.iter().map(|(known, old)| (*known, if *known == "联系手机" { "138****1111" } else { old })).collect();
        assert_eq!(form.read(&cells(&headers, &masked)).expect("a row").phone, "", "a masked number is no number");
    }

    #[test]
    fn money_and_times_come_in_several_forms() {
        assert_eq!([cents("12"), cents("12.5"), cents("12.50元"), cents("0.05")], [Ok(1_200), Ok(1_250), Ok(1_250), Ok(5)]);
        assert_eq!([cents("-1"), cents("1.234"), cents(""), cents("99999999999999999999")], [Err("amount"); 4]);
        let zone = chrono_tz::Asia::Shanghai;
        assert_eq!(time("2018/06/01 12:30", zone), time("2018-06-01 12:30:00", zone));
    }
}
