//! The highest epoch that phones may ever have seen, beside the database and not in it: two restores of the same backup must
//! not hand out the same epoch.

use super::backup::{beside, sync_folder};
use crate::db::fill::Epochs;
use crate::kit::refusal::Stop;
use std::io::{ErrorKind, Write};
use std::path::Path;

const NAME: &str = "epochs.json";

/// What earlier restores noted; nothing when there was none.
///
/// # Errors
/// `Fault` when the note is there and cannot be read.
pub fn noted(data: &Path) -> Result<Epochs, Stop> {
    let path = data.join(NAME);
    match std::fs::read(&path) {
        Ok(bytes) => serde_json::from_slice(&bytes).map_err(|error| Stop::fault(format!("{}: {error}", path.display()))),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(Epochs::new()),
        Err(error) => Err(Stop::fault(format!("{}: {error}", path.display()))),
    }
}

/// Notes epochs before they are used.
///
/// # Errors
/// `Fault` when the disk says no.
pub fn note(data: &Path, epochs: &Epochs) -> Result<(), Stop> {
    let mut all = noted(data)?;
    for (workspace_id, epoch) in epochs {
        let highest = all.entry(workspace_id.clone()).or_insert(*epoch);
        *highest = (*highest).max(*epoch);
    }
    let path = data.join(NAME);
    let partial = beside(&path, ".partial");
    let mut file = std::fs::File::create(&partial).map_err(Stop::fault)?;
    file.write_all(&serde_json::to_vec_pretty(&all)?).and_then(|()| file.sync_all()).map_err(Stop::fault)?;
    std::fs::rename(&partial, &path).map_err(Stop::fault)?;
    sync_folder(&path)
}

/// For each workspace of a backup the first epoch that no phone can have seen.
pub fn next(backup: &Epochs, others: &[&Epochs]) -> Epochs {
    let highest =
        |id: &String, own: i64| others.iter().filter_map(|epochs| epochs.get(id)).fold(own, |most, epoch| most.max(*epoch));
    backup.iter().map(|(id, own)| (id.clone(), highest(id, *own) + 1)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_next_epoch_is_past_every_known_one() {
        let epochs = |pairs: &[(&str, i64)]| pairs.iter().map(|(id, epoch)| ((*id).to_owned(), *epoch)).collect::<Epochs>();
        let backup = epochs(&[("a", 1), ("b", 4), ("c", 1)]);
        let next = next(&backup, &[&epochs(&[("a", 3)]), &epochs(&[("a", 2), ("b", 2), ("gone", 9)])]);
        assert_eq!(next, epochs(&[("a", 4), ("b", 5), ("c", 2)]));
    }
}
