//! Interfaces: the networks that this machine is on, and which of its addresses a phone in the room is likeliest to reach.

mod kinds;
mod system;

use std::net::{IpAddr, Ipv4Addr};

use coordinator::reach::Link;

pub use system::{listed, surroundings};

/// One interface with its addresses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Interface {
    /// As the system calls it.
    pub name: String,
    /// What it leads to.
    pub link: Link,
    /// Whether it is Wi-Fi, as phones are.
    pub is_wireless: bool,
    /// Whether it has the default route.
    pub is_default: bool,
    /// Its addresses, in the system's order.
    pub addresses: Vec<IpAddr>,
}

/// An address that people may be told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// The address.
    pub ip: IpAddr,
    /// What it leads to.
    pub link: Link,
    /// The interface that has it.
    pub interface: String,
}

/// What the program runs in, where its addresses may not be those of the machine that people see.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Surroundings {
    /// A machine of its own.
    Machine,
    /// A container: its addresses are those of a bridge inside its host.
    Container,
    /// Linux within Windows, whose addresses are those of a bridge inside Windows.
    Windows,
}

/// All addresses that other devices may reach, the likeliest first; loopback where there is no other.
///
/// Private addresses of Wi-Fi and cables come first, then their other addresses, then what hangs on a phone, then bridges of
/// containers, then VPNs. Wi-Fi comes before cables, since that is where phones are, and the link with the default route before
/// others. An interface that has an IPv4 address is not told by its IPv6 ones. Addresses that machines made up for
/// themselves are told when there is nothing else; those of IPv6 never, since no link can name them.
pub fn ranked(interfaces: &[Interface]) -> Vec<Candidate> {
    let mut found: Vec<_> = interfaces.iter().flat_map(of_interface).collect();
    found.sort_by_key(|it| it.0);
    let mut candidates: Vec<Candidate> = found.into_iter().map(|it| it.1).collect();
    if candidates.iter().any(|it| it.link < Link::Unassigned) {
        candidates.retain(|it| it.link < Link::Unassigned);
    }
    if candidates.is_empty() {
        let (ip, link) = (Ipv4Addr::LOCALHOST.into(), Link::ThisMachine);
        candidates.push(Candidate { ip, link, interface: String::new() });
    }
    candidates
}

/// What of an address decides its rank, the least first.
type Rank = (Link, Scope, bool, bool);

/// How far an address of a link carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Scope {
    Private,
    Public,
    Newer,
}

fn of_interface(it: &Interface) -> Vec<(Rank, Candidate)> {
    let usable = |ip: &&IpAddr| !ip.is_loopback() && !ip.is_unspecified() && !is_nameless(ip);
    let (old, new): (Vec<IpAddr>, Vec<IpAddr>) = it.addresses.iter().filter(usable).partition(|ip| ip.is_ipv4());
    // Several IPv6 addresses of a link are one and the same way.
    let told = if old.is_empty() { new.into_iter().take(1).collect() } else { old };
    let candidate = |ip: IpAddr| {
        let is_made_up = matches!(ip, IpAddr::V4(ip) if ip.is_link_local());
        let link = if is_made_up { Link::Unassigned } else { it.link };
        ((link, scope(ip), !it.is_wireless, !it.is_default), Candidate { ip, link, interface: it.name.clone() })
    };
    told.into_iter().map(candidate).collect()
}

/// An IPv6 address that only means something together with an interface.
fn is_nameless(ip: &IpAddr) -> bool {
    matches!(ip, IpAddr::V6(ip) if ip.is_unicast_link_local())
}

fn scope(ip: IpAddr) -> Scope {
    match ip {
        IpAddr::V4(ip) if ip.is_private() => Scope::Private,
        IpAddr::V4(_) => Scope::Public,
        IpAddr::V6(_) => Scope::Newer,
    }
}

/// Whether addresses are likely those of a bridge inside another machine: the system says so, or there is none but what
/// Docker deals out unless it is told otherwise.
pub fn is_inside(surroundings: Surroundings, candidates: &[Candidate]) -> bool {
    let is_dealt = |it: &Candidate| matches!(it.ip, IpAddr::V4(ip) if ip.octets()[..2] == [172, 17]);
    surroundings != Surroundings::Machine || candidates.iter().all(is_dealt)
}

#[cfg(test)]
mod tests;
