//! The addresses of one lab: a /16 of the loopback network, which is its VPC.

use std::net::{Ipv4Addr, SocketAddr};

/// One /16 of 127.0.0.0/8. Linux answers on all of it without any set-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Network(u8);

/// Where the database listens.
const DATABASE: (u8, u16) = (30, 3306);
/// Where load balancers listen: the first host, the rest follow.
const BALANCERS: (u8, u16) = (10, 8080);

impl Network {
    /// The network 127.`second`.0.0/16.
    pub fn new(second: u8) -> Network {
        Network(second)
    }

    /// The address 127.n.`third`.`fourth`.
    pub fn host(self, third: u8, fourth: u8) -> Ipv4Addr {
        Ipv4Addr::new(127, self.0, third, fourth)
    }

    /// The VPC's address block.
    pub fn cidr(self) -> String {
        format!("127.{}.0.0/16", self.0)
    }

    /// The block of subnet number `index`, whose hosts are `host(index, …)`.
    pub fn subnet_cidr(self, index: u8) -> String {
        format!("127.{}.{index}.0/24", self.0)
    }

    /// Where the database listens.
    pub fn database(self) -> SocketAddr {
        (self.host(0, DATABASE.0), DATABASE.1).into()
    }

    /// Where load balancer number `index` listens.
    pub fn balancer(self, index: u8) -> SocketAddr {
        (self.host(0, BALANCERS.0 + index), BALANCERS.1).into()
    }
}
