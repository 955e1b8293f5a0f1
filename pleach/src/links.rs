//! Links: the addresses under which people reach a session, and their QR code in the terminal.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

use qrcode::QrCode;
use qrcode::render::unicode::Dense1x2;

/// The origin that other devices should use: the LAN address where the coordinator listens on all of them.
pub fn origin(listening: SocketAddr) -> String {
    let host = if listening.ip().is_unspecified() { lan_address() } else { listening.ip() };
    format!("http://{}", SocketAddr::new(host, listening.port()))
}

/// The origin for clients on this machine; there a page may use WebGPU without HTTPS.
pub fn local_origin(listening: SocketAddr) -> String {
    let host = if listening.ip().is_unspecified() { Ipv4Addr::LOCALHOST.into() } else { listening.ip() };
    format!("http://{}", SocketAddr::new(host, listening.port()))
}

/// The address of the interface that leads outside; loopback when there is none. Nothing is sent: connecting a UDP
/// socket only asks the system which interface it would use.
fn lan_address() -> IpAddr {
    let ask = || {
        let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0))?;
        socket.connect((Ipv4Addr::new(10, 255, 255, 255), 9))?;
        socket.local_addr()
    };
    ask().map_or(Ipv4Addr::LOCALHOST.into(), |it| it.ip())
}

/// The link as half-block characters; nothing when it is too long for a code.
pub fn qr(link: &str) -> Option<String> {
    // Dark on light, as phones expect, also in a dark terminal.
    let code = QrCode::new(link).ok()?;
    Some(code.render::<Dense1x2>().dark_color(Dense1x2::Light).light_color(Dense1x2::Dark).build())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_address_is_taken_as_it_is() {
        let address: SocketAddr = "127.0.0.1:7070".parse().expect("an address");
        assert_eq!(
            (origin(address), local_origin(address)),
            ("http://127.0.0.1:7070".into(), "http://127.0.0.1:7070".into())
        );
    }

    #[test]
    fn listening_everywhere_still_gives_an_address_to_type() {
        let address: SocketAddr = "0.0.0.0:7070".parse().expect("an address");
        assert!(!origin(address).contains("0.0.0.0:"), "{}", origin(address));
        assert!(qr("http://192.168.1.20:7070/j/K7QX2M").expect("short enough").lines().count() > 10);
    }
}
