//! The exports that shops really have, recognised by their headers as a whole. Nothing is guessed: a file with other columns is
//! refused with the nearest known layout and the columns that differ. Source: the import formats met in practice.

use std::collections::BTreeSet;

/// A known export: its name, and its headers without the spaces that some of them end in.
#[derive(Debug, PartialEq, Eq)]
pub struct Layout {
    pub name: &'static str,
    pub headers: Vec<&'static str>,
}

/// No known layout: the nearest one, and the columns that differ from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unknown {
    pub nearest: &'static str,
    pub missing: Vec<String>,
    pub extra: Vec<String>,
}

const ORDERS_46: &str = "订单编号 买家会员名 买家支付宝账号 买家应付货款 买家应付邮费 买家支付积分 总金额 返点积分 买家实际支付金额 \
    买家实际支付积分 订单状态 买家留言 收货人姓名 收货地址 运送方式 联系电话 联系手机 订单创建时间 订单付款时间 宝贝标题 宝贝种类 物流单号 \
    物流公司 订单备注 宝贝总数量 店铺Id 店铺名称 订单关闭原因 卖家服务费 买家服务费 发票抬头 是否手机订单 分阶段订单信息 特权订金订单id \
    是否上传合同照片 是否上传小票 是否代付 定金排名 修改后的sku 修改后的收货地址 异常信息 天猫卡券抵扣 集分宝抵扣 是否是O2O交易 退款金额 预约门店";
const ADDED_54: &str = "新零售交易类型 新零售导购门店名称 新零售导购门店id 新零售发货门店名称 新零售发货门店id 确认收货时间 打款商家金额 \
    含应开票给个人的个人红包";
const ADDED_67: &str = "支付单号 支付详情 满返红包金额 是否信用购 体验期结束时间 前N有礼 配送类型 直播返现状态 返现金额 新零售成交门店昵称 \
    新零售成交门店id 新零售成交经销商id 主订单编号";
const QIANNIU: &str = "订单编号 买家下单时间 买家付款时间 发货时间 确认收货时间 物流公司 买家实付金额 运单号 买家会员名 联系手机 收货地址 \
    宝贝标题 宝贝规格 宝贝总数量 订单状态";
const OWN: &str = "昵称 姓名 手机 邮箱 收货地址 标签 备注";

/// Every layout, the oldest first.
pub fn all() -> Vec<Layout> {
    let layout =
        |name, parts: &[&'static str]| Layout { name, headers: parts.iter().flat_map(|part| part.split_whitespace()).collect() };
    vec![
        layout("ExportOrderList, 46", &[ORDERS_46]),
        layout("ExportOrderList, 54", &[ORDERS_46, ADDED_54]),
        layout("ExportOrderList, 67", &[ORDERS_46, ADDED_54, ADDED_67]),
        layout("千牛 XLSX, 15", &[QIANNIU]),
        layout("Dutyboard, 7", &[OWN]),
    ]
}

/// The layout with exactly these columns, in whatever order. `headers` are cleaned (`cell::clean`).
///
/// # Errors
/// The nearest layout and what differs. A column that comes twice is one too many.
pub fn recognise(headers: &[String]) -> Result<Layout, Unknown> {
    let given: BTreeSet<&str> = headers.iter().map(String::as_str).collect();
    let differs = |layout: &Layout| {
        let known: BTreeSet<&str> = layout.headers.iter().copied().collect();
        let missing: Vec<String> = layout.headers.iter().filter(|name| !given.contains(*name)).map(ToString::to_string).collect();
        let mut extra: Vec<String> = headers.iter().filter(|name| !known.contains(name.as_str())).cloned().collect();
        extra.extend(headers.iter().enumerate().filter(|(at, name)| headers[..*at].contains(name)).map(|(_, name)| name.clone()));
        (missing, extra)
    };
    let judged = all().into_iter().map(|layout| (differs(&layout), layout));
    let nearest = judged.min_by_key(|((missing, extra), _)| missing.len() + extra.len());
    match nearest {
        Some(((missing, extra), layout)) if missing.is_empty() && extra.is_empty() => Ok(layout),
        Some(((missing, extra), layout)) => Err(Unknown { nearest: layout.name, missing, extra }),
        None => Err(Unknown { nearest: "", missing: Vec::new(), extra: headers.to_vec() }),
    }
}

impl std::fmt::Display for Unknown {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let list = |names: &[String]| if names.is_empty() { "–".to_owned() } else { names.join("、") };
        write!(
            f,
            "no known export; the nearest is {}: missing {}; not in it {}",
            self.nearest,
            list(&self.missing),
            list(&self.extra)
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(layout: &Layout) -> Vec<String> {
        layout.headers.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn every_layout_is_itself_and_no_other() {
        let counts: Vec<usize> = all().iter().map(|layout| layout.headers.len()).collect();
        assert_eq!(counts, [46, 54, 67, 15, 7]);
        for layout in all() {
            let mut mixed = headers(&layout);
            mixed.reverse();
            assert_eq!(recognise(&mixed).expect("known").name, layout.name);
        }
    }

    #[test]
    fn a_header_slip_is_named() {
        let mut slipped = headers(&all()[0]);
        slipped[8] = "买家实际支付金颔".into();
        let unknown = recognise(&slipped).expect_err("one sign is wrong");
        assert_eq!(unknown.nearest, "ExportOrderList, 46");
        assert_eq!((unknown.missing, unknown.extra), (vec!["买家实际支付金额".to_owned()], vec!["买家实际支付金颔".to_owned()]));
        let mut twice = headers(&all()[4]);
        twice.push("昵称".into());
        assert_eq!(recognise(&twice).expect_err("one too many").extra, ["昵称"]);
        assert!(recognise(&[]).is_err());
    }
}
