//! When a task comes round, in words of both languages.

use super::packs::{Period, Task, WorkdayShift};
use crate::kit::text::Text;

/// Parts of an RRULE: `part("BYDAY")` is the text after the equals sign.
pub(super) struct Rule<'a>(pub &'a str);

impl<'a> Rule<'a> {
    pub fn part(&self, name: &str) -> Option<&'a str> {
        self.0.split(';').filter_map(|part| part.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub fn numbers(&self, name: &str) -> Vec<i32> {
        self.part(name).map(|list| list.split(',').filter_map(|number| number.parse().ok()).collect()).unwrap_or_default()
    }

    fn interval(&self) -> i32 {
        self.part("INTERVAL").and_then(|number| number.parse().ok()).unwrap_or(1)
    }
}

/// "每天 08:30–09:30" / "Daily 08:30–09:30": days, then times, then what bends the days, then the target.
pub fn when(task: &Task) -> Text {
    let (days, times) = (days(task), times(task));
    let mut text = Text::new(format!("{} {}", days.zh, times.zh), format!("{} {}", days.en, times.en));
    match task.workday_shift {
        WorkdayShift::None => {}
        WorkdayShift::Next => add(&mut text, "（遇休顺延）", " (or the next working day)"),
        WorkdayShift::Previous => add(&mut text, "（遇休提前）", " (or the working day before)"),
    }
    if let Some(target) = task.target_per_period {
        let (zh, en) = match target.period {
            Period::Week => ("每周", "a week"),
            Period::Month => ("每月", "a month"),
            Period::ThreeDays => ("每3天", "in 3 days"),
        };
        let count = if target.min == target.max { target.min.to_string() } else { format!("{}–{}", target.min, target.max) };
        add(&mut text, &format!("，{zh}{count}次"), &format!(", {count}× {en}"));
    }
    text
}

fn add(text: &mut Text, zh: &str, en: &str) {
    text.zh.push_str(zh);
    text.en.push_str(en);
}

fn days(task: &Task) -> Text {
    let rule = Rule(&task.rrule);
    let mut text = match (rule.part("FREQ"), rule.interval()) {
        (Some("DAILY"), 1) => Text::new("每天", "Daily"),
        (Some("DAILY"), every) => Text::new(format!("每{every}天"), format!("Every {every} days")),
        (Some("WEEKLY"), every) => weekly(rule.part("BYDAY").unwrap_or_default(), every),
        (Some("MONTHLY"), every) => monthly(&rule.numbers("BYMONTHDAY"), every),
        (Some("YEARLY"), _) => yearly(&rule.numbers("BYMONTH"), &rule.numbers("BYMONTHDAY")),
        _ => Text::same(task.rrule.as_str()),
    };
    match task.offset_days {
        0 => {}
        before @ ..=-1 => add(&mut text, &format!("前{}天", -before), &format!(" minus {}", english_days(-before))),
        after => add(&mut text, &format!("后{after}天"), &format!(" plus {}", english_days(after))),
    }
    text
}

fn english_days(count: i32) -> String {
    if count == 1 { "1 day".into() } else { format!("{count} days") }
}

fn weekly(codes: &str, every: i32) -> Text {
    let names = |code: &str| match code {
        "MO" => ("一", "Mon"),
        "TU" => ("二", "Tue"),
        "WE" => ("三", "Wed"),
        "TH" => ("四", "Thu"),
        "FR" => ("五", "Fri"),
        "SA" => ("六", "Sat"),
        _ => ("日", "Sun"),
    };
    let (zh, en): (Vec<_>, Vec<_>) = codes.split(',').map(names).unzip();
    let (zh, en) = match codes {
        "MO,TU,WE,TH,FR" => ("周一至周五".to_owned(), "Mon–Fri".to_owned()),
        _ => (format!("周{}", zh.join("、周")), en.join(", ")),
    };
    if every == 1 {
        Text::new(format!("每{zh}"), format!("Every {en}"))
    } else {
        Text::new(format!("每{every}周的{zh}"), format!("Every {every} weeks on {en}"))
    }
}

fn monthly(days: &[i32], every: i32) -> Text {
    let zh: Vec<_> = days.iter().map(|day| if *day == -1 { "月末".to_owned() } else { format!("{day}日") }).collect();
    let en: Vec<_> = days.iter().map(|day| if *day == -1 { "the last day".to_owned() } else { format!("day {day}") }).collect();
    let (zh, en) = (zh.join("、"), en.join(" and "));
    match every {
        1 => Text::new(format!("每月{zh}"), format!("Monthly on {en}")),
        3 => Text::new(format!("每季首月{zh}"), format!("Quarterly on {en} of the first month")),
        _ => Text::new(format!("每{every}个月{zh}"), format!("Every {every} months on {en}")),
    }
}

fn yearly(months: &[i32], days: &[i32]) -> Text {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (month, day) = (months.first().copied().unwrap_or(1), days.first().copied().unwrap_or(1));
    let name = usize::try_from(month - 1).ok().and_then(|at| MONTHS.get(at)).copied().unwrap_or("Jan");
    Text::new(format!("每年{month}月{day}日"), format!("Yearly on {day} {name}"))
}

fn times(task: &Task) -> Text {
    let rule = Rule(&task.rrule);
    let hours = rule.numbers("BYHOUR");
    if !hours.is_empty() {
        let minute = rule.numbers("BYMINUTE").first().copied().unwrap_or(0);
        let at: Vec<_> = hours.iter().map(|hour| format!("{hour:02}:{minute:02}")).collect();
        return Text::new(at.join("、"), at.join(", "));
    }
    let window = task.window.map(|window| format!("{}–{}", window.start, window.end));
    let own_deadline = task.deadline.filter(|deadline| task.window.is_none_or(|window| window.end != *deadline));
    match (window, own_deadline) {
        (Some(window), None) => Text::same(window),
        (Some(window), Some(by)) => Text::new(format!("{window}（{by}前）"), format!("{window} (by {by})")),
        (None, Some(by)) => Text::new(format!("{by}前"), format!("by {by}")),
        (None, None) => Text::new("随时", "at any time"),
    }
}

#[cfg(test)]
mod tests {
    use crate::tasks::packs;

    #[test]
    fn tasks_say_when_they_come_round() {
        for (id, zh, en) in [
            ("ps_night_unanswered", "每天 08:30–09:30", "Daily 08:30–09:30"),
            ("ps_audit_am", "每天 09:00前", "Daily by 09:00"),
            ("ps_learn_products", "每天 随时", "Daily at any time"),
            ("as_night_leftovers", "每天 09:00–10:00（12:00前）", "Daily 09:00–10:00 (by 12:00)"),
            ("nt_issue_register", "每天 22:45–23:30", "Daily 22:45–23:30"),
            ("as_refund_sweep", "每天 10:00、14:00、17:00", "Daily 10:00, 14:00, 17:00"),
            ("as_sla_radar", "每天 09:30、17:30", "Daily 09:30, 17:30"),
            ("sd_digest", "每2天 16:30–17:00，每3天1次", "Every 2 days 16:30–17:00, 1× in 3 days"),
            ("as_problem_parcels", "每周一至周五 16:00–16:30，每周3–5次", "Every Mon–Fri 16:00–16:30, 3–5× a week"),
            ("as_delayed_scan", "每周二、周五 16:30–17:00，每周1–2次", "Every Tue, Fri 16:30–17:00, 1–2× a week"),
            ("sw_roster", "每周五 17:00–17:30", "Every Fri 17:00–17:30"),
            (
                "sh_quality_meeting",
                "每月15日、月末 11:10–12:00（遇休提前）",
                "Monthly on day 15 and the last day 11:10–12:00 (or the working day before)",
            ),
            (
                "sm_reward_sheet",
                "每月10日前1天 18:00前（遇休提前）",
                "Monthly on day 10 minus 1 day by 18:00 (or the working day before)",
            ),
            (
                "s2_review_scoring",
                "每2个月17日 11:10–12:00（遇休顺延）",
                "Every 2 months on day 17 11:10–12:00 (or the next working day)",
            ),
            (
                "sq_rules",
                "每季首月7日 11:10–12:00（遇休顺延）",
                "Quarterly on day 7 of the first month 11:10–12:00 (or the next working day)",
            ),
            (
                "sy_comp_settlement",
                "每年12月28日 13:00–14:00（遇休提前）",
                "Yearly on 28 Dec 13:00–14:00 (or the working day before)",
            ),
        ] {
            let (_, task) = packs::task(id).expect(id);
            let when = task.when();
            assert_eq!((when.zh.as_str(), when.en.as_str()), (zh, en), "{id}");
        }
    }
}
