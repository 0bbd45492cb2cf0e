//! Rate limits of signing in: per account and per address, so that neither one account nor one attacker can be worn down.

use governor::clock::DefaultClock;
use governor::state::keyed::DashMapStateStore;
use governor::{Quota, RateLimiter};
use std::net::IpAddr;
use std::num::NonZeroU32;

type Keyed<K> = RateLimiter<K, DashMapStateStore<K>, DefaultClock>;

/// Tries an account gets at once, then one more every 30 seconds.
const PER_ACCOUNT: u32 = 10;
/// Tries an address gets at once, then one more every second: a whole team may sit behind one address.
const PER_ADDRESS: u32 = 60;

pub struct Limits {
    accounts: Keyed<String>,
    addresses: Keyed<IpAddr>,
}

impl Default for Limits {
    fn default() -> Self {
        let quota = |per_minute: u32, burst: u32| {
            let count = |n: u32| NonZeroU32::new(n).unwrap_or(NonZeroU32::MIN);
            Quota::per_minute(count(per_minute)).allow_burst(count(burst))
        };
        Limits { accounts: RateLimiter::keyed(quota(2, PER_ACCOUNT)), addresses: RateLimiter::keyed(quota(60, PER_ADDRESS)) }
    }
}

impl Limits {
    /// May this account be tried from this address now?
    pub fn allow(&self, account: &str, address: IpAddr) -> bool {
        self.addresses.check_key(&address).is_ok() && self.accounts.check_key(&account.to_owned()).is_ok()
    }

    /// May what a link names be asked for once more now? Nobody guesses such a link, so only its holder can wear us down.
    pub fn allow_link(&self, name: &str) -> bool {
        self.accounts.check_key(&format!("link/{name}")).is_ok()
    }

    /// Forgets keys that are back at full quota; called by the ticker.
    pub fn tidy(&self) {
        self.accounts.retain_recent();
        self.addresses.retain_recent();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accounts_and_addresses_are_limited_apart() {
        let limits = Limits::default();
        let (here, there) = (IpAddr::from([10, 0, 0, 1]), IpAddr::from([10, 0, 0, 2]));
        for _ in 0..PER_ACCOUNT {
            assert!(limits.allow("ann", here));
        }
        assert!(!limits.allow("ann", here));
        assert!(!limits.allow("ann", there), "another address does not help");
        assert!(limits.allow("bob", here), "other accounts go on");
        let tried = (0..200).filter(|n| limits.allow(&format!("guess{n}"), here)).count();
        assert!(tried < 60, "{tried} guesses from one address");
    }
}
