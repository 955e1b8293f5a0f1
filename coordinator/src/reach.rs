//! Reach: the addresses at which people find a coordinator.

use serde::Serialize;

/// What an address belongs to, as far as that says who can reach it. The likeliest for a phone comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Link {
    /// What the host said: a proxy or a tunnel in front of the coordinator.
    Public,
    /// Wi-Fi or a cable.
    Network,
    /// A phone or a modem that lends this machine its connection.
    Tether,
    /// A bridge of containers or of virtual machines.
    Virtual,
    /// A VPN.
    Tunnel,
    /// A link on which nobody gives out addresses, so that machines made their own up (RFC 3927).
    Unassigned,
    /// Loopback: no other device.
    ThisMachine,
}

/// One way to a coordinator.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Address {
    /// `scheme://host:port`.
    pub origin: String,
    /// What it belongs to.
    pub link: Link,
}

/// Where people find a coordinator.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Reach {
    /// All addresses that may lead to it, the likeliest first.
    pub addresses: Vec<Address>,
    /// Whether they are likely those of a bridge inside another machine, at whose address people would have to look.
    pub is_inside: bool,
}

/// Why other devices may not reach a coordinator.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Obstacle {
    /// There is no address but loopback.
    Alone,
    /// The program runs in a container or a virtual machine.
    Inside,
}

impl Reach {
    /// Why other devices may not reach it, if there is a reason. What the host said itself is trusted.
    pub fn obstacle(&self) -> Option<Obstacle> {
        let is_said = self.addresses.iter().any(|it| it.link == Link::Public);
        let is_alone = self.addresses.iter().all(|it| it.link == Link::ThisMachine);
        match () {
            () if is_said || self.addresses.is_empty() => None,
            () if is_alone => Some(Obstacle::Alone),
            () if self.is_inside => Some(Obstacle::Inside),
            () => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_obstacle_is_said_where_no_phone_arrives() {
        let reach = |links: &[Link], is_inside| {
            let addresses = links.iter().map(|it| Address { origin: String::new(), link: *it }).collect();
            Reach { addresses, is_inside }.obstacle()
        };
        assert_eq!(reach(&[Link::ThisMachine], false), Some(Obstacle::Alone));
        assert_eq!(reach(&[Link::Network], true), Some(Obstacle::Inside));
        assert_eq!(reach(&[Link::Network, Link::Tunnel], false), None);
        assert_eq!(reach(&[Link::Public, Link::ThisMachine], true), None);
        assert_eq!(reach(&[], false), None);
    }
}
