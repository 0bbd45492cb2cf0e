//! What is shown of a phone number and a mail address to those who need not know them.

/// The first three and the last four digits; of a short number only the last two. Empty stays empty.
pub fn phone(phone: &str) -> String {
    let digits: Vec<char> = phone.chars().filter(char::is_ascii_digit).collect();
    match digits.len() {
        0 => String::new(),
        1..=7 => format!("****{}", digits[digits.len().saturating_sub(2)..].iter().collect::<String>()),
        n => format!("{}****{}", digits[..3].iter().collect::<String>(), digits[n - 4..].iter().collect::<String>()),
    }
}

/// The first letter and the domain. What is no address is hidden as a whole; empty stays empty.
pub fn email(email: &str) -> String {
    match (email.chars().next(), email.rsplit_once('@')) {
        (None, _) => String::new(),
        (Some(first), Some((name, domain))) if !name.is_empty() => format!("{first}***@{domain}"),
        _ => "***".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_enough_to_recognise_and_not_enough_to_call() {
        assert_eq!(phone("13812345678"), "138****5678");
        assert_eq!(phone("+86 138-1234-5678"), "861****5678");
        assert_eq!(phone("1234567"), "****67");
        assert_eq!(phone("5"), "****5");
        assert_eq!(phone(""), "");
        assert_eq!(email("li.na@example.com"), "l***@example.com");
        assert_eq!(email("王@例子.中国"), "王***@例子.中国");
        assert_eq!((email("@x"), email("not an address"), email("")), ("***".into(), "***".into(), String::new()));
    }
}
