//! Dutyboard: the operations desk of a customer-service team. ARCHITECTURE.md is the map.

pub mod app;
pub mod auth;
pub mod bench;
pub mod config;
pub mod customers;
pub mod db;
pub mod demo;
pub mod door;
pub mod http;
pub mod jobs;
pub mod kit;
pub mod mail;
pub mod notices;
pub mod ops;
pub mod outreach;
pub mod post;
pub mod rooms;
pub mod roster;
pub mod sync;
pub mod tasks;
pub mod team;
