//! What mail servers mean by their codes, in a conversation and in what they send back. Pure.

/// Whether a refusal (5xx) is about the recipient's address, as against a full mailbox, spam, size or policy: RFC 3463's 5.1.x, of which 7 and
/// 8 are about the sender's, and 5.2.1, a mailbox that is closed. Servers without such a code, or with 5.0.x, say 550, 551 or 553.
pub(super) fn is_about_address(code: u16, words: &str) -> bool {
    let enhanced = words.split(|c: char| !c.is_ascii_digit() && c != '.').find_map(|word| {
        let mut numbers = word.trim_matches('.').split('.').map(str::parse::<u16>);
        match (numbers.next(), numbers.next(), numbers.next(), numbers.next()) {
            (Some(Ok(5)), Some(Ok(subject)), Some(Ok(detail)), None) => Some((subject, detail)),
            _ => None,
        }
    });
    match enhanced {
        Some((1, detail)) => !matches!(detail, 7 | 8),
        Some((2, 1)) => true,
        None | Some((0, _)) => matches!(code, 550 | 551 | 553),
        Some(_) => false,
    }
}
