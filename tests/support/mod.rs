//! What tests of uploads stand on: a real S3 and SNS server (moto) on loopback, and a proxy before it that misbehaves.
#![allow(dead_code)]

pub mod moto;
pub mod proxy;
