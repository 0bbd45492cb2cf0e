//! What tables a database has, read from the database itself, so that a new migration needs no line here.

use super::AnyConnection;
use super::dialect::rows;
use crate::kit::refusal::Stop;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Text,
    Number,
    Bool,
    Bytes,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Column {
    pub name: String,
    pub kind: Kind,
}

/// Columns by name, the key in its own order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub name: String,
    pub columns: Vec<Column>,
    pub key: Vec<String>,
}

impl Table {
    pub fn column_names(&self) -> Vec<String> {
        self.columns.iter().map(|column| column.name.clone()).collect()
    }
}

/// Every table that holds data, those that are pointed to before those that point to them.
///
/// # Errors
/// `Fault` for a column type that nobody has taught us, and from the database.
pub fn tables(conn: &mut AnyConnection) -> Result<Vec<Table>, Stop> {
    let mut found: BTreeMap<String, Table> = BTreeMap::new();
    let mut keys: BTreeMap<String, BTreeMap<i64, String>> = BTreeMap::new();
    for line in rows::column_lines(conn)? {
        let table = found.entry(line.table_name.clone()).or_insert_with(|| Table {
            name: line.table_name.clone(),
            columns: Vec::new(),
            key: Vec::new(),
        });
        table.columns.push(Column { name: line.column_name.clone(), kind: kind(&line.kind)? });
        if line.place > 0 {
            keys.entry(line.table_name).or_default().insert(line.place, line.column_name);
        }
    }
    for table in found.values_mut() {
        table.columns.sort_by(|a, b| a.name.cmp(&b.name));
        table.key = keys.remove(&table.name).unwrap_or_default().into_values().collect();
    }
    let references = rows::reference_lines(conn)?.into_iter().map(|line| (line.table_name, line.target));
    in_order(found, references.filter(|(table, target)| table != target).collect())
}

fn kind(name: &str) -> Result<Kind, Stop> {
    match name {
        "text" => Ok(Kind::Text),
        "bigint" | "integer" => Ok(Kind::Number),
        "boolean" => Ok(Kind::Bool),
        "bytea" => Ok(Kind::Bytes),
        other => Err(Stop::fault(format!("nobody knows how to copy a column of type {other}"))),
    }
}

fn in_order(mut left: BTreeMap<String, Table>, references: BTreeSet<(String, String)>) -> Result<Vec<Table>, Stop> {
    let mut ordered = Vec::with_capacity(left.len());
    while !left.is_empty() {
        let waits = |name: &String| references.iter().any(|(table, target)| table == name && left.contains_key(target));
        let Some(next) = left.keys().find(|name| !waits(name)).cloned() else {
            return Err(Stop::fault("tables point at each other in a circle"));
        };
        ordered.extend(left.remove(&next));
    }
    Ok(ordered)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tables_come_after_those_they_point_to() {
        let table = |name: &str| (name.to_owned(), Table { name: name.into(), columns: Vec::new(), key: Vec::new() });
        let all: BTreeMap<_, _> = [table("a"), table("b"), table("c")].into();
        let points = |pairs: &[(&str, &str)]| pairs.iter().map(|(from, to)| ((*from).to_owned(), (*to).to_owned())).collect();
        let names = in_order(all.clone(), points(&[("a", "c"), ("c", "b")])).expect("an order");
        assert_eq!(names.iter().map(|table| table.name.as_str()).collect::<Vec<_>>(), ["b", "c", "a"]);
        assert!(in_order(all, points(&[("a", "b"), ("b", "a")])).is_err());
    }
}
