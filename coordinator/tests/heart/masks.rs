//! Masks by identity: bits travel to whoever does not know the mask yet.

use coordinator::session::ClientId;
use protocol::recipe::Recipe;
use protocol::wire::MaskBits;

use crate::crew::{Crew, draft};

/// One of eight units goes after the second and the fourth round.
fn thinning() -> Recipe {
    let schedule = r#"{ kind = "geometric", target_density = 0.75, levels = 2, start = 1, every = 2 }"#;
    draft().rounds(6).units().masked("schedule", schedule).recipe()
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Told {
    Full,
    Bits,
    Known,
}

/// What the latest plan of a client says of its mask.
fn told(crew: &Crew, client: ClientId) -> Told {
    let plan = crew.plans.iter().rev().find(|it| it.0 == client).expect("it was asked");
    match plan.1.mask.bits {
        MaskBits::Full => Told::Full,
        MaskBits::Known => Told::Known,
        MaskBits::Bitmap(_) | MaskBits::Gaps(_) => Told::Bits,
        MaskBits::Drawn(_) => panic!("nothing is drawn here"),
    }
}

#[test]
fn bits_travel_once_after_every_event() {
    let mut crew = Crew::new(&thinning(), 2);
    let mut all = vec![told(&crew, 0)];
    for _ in 0..6 {
        crew.round();
        assert_eq!(told(&crew, 0), told(&crew, 1));
        all.push(told(&crew, 0));
    }
    // The last plan asks for the final evaluation.
    assert_eq!(all, [Told::Full, Told::Full, Told::Bits, Told::Known, Told::Bits, Told::Known, Told::Known]);
    assert_eq!(crew.session.state().mask().count(), 6);
}

#[test]
fn a_client_that_comes_back_is_told_what_it_has_forgotten() {
    let mut crew = Crew::new(&thinning(), 2);
    crew.rounds(3);
    assert_eq!(told(&crew, 0), Told::Known);
    let id = crew.session.state().mask().id();
    crew.join_with(0, 0, 16);
    assert_eq!(told(&crew, 0), Told::Bits, "a tab that was loaded again");
    crew.join_with(1, id, 16);
    assert_eq!(told(&crew, 1), Told::Known, "a connection that broke");
    crew.join_with(1, id + 1, 16);
    assert_eq!(told(&crew, 1), Told::Bits, "one that has another mask");
    let [ours, theirs] = [0, 1].map(|client| crew.plans.iter().rev().find(|it| it.0 == client).cloned());
    assert_eq!(ours.map(|it| it.1), theirs.map(|it| it.1));
    // Whoever joins now is asked in the next round, and does not know the mask.
    crew.join(2);
    crew.round();
    crew.round();
    assert_eq!([0, 1, 2].map(|it| told(&crew, it)), [Told::Known; 3]);
}

#[test]
fn a_newcomer_is_told_bits_beside_those_who_know() {
    let mut crew = Crew::new(&thinning(), 2);
    crew.rounds(2);
    crew.join(2);
    crew.round();
    assert_eq!([0, 1, 2].map(|it| told(&crew, it)), [Told::Known, Told::Known, Told::Bits]);
    crew.round();
    assert_eq!(crew.session.history()[3].counted, 3, "all three are about the same mask");
}

#[test]
fn whoever_was_not_counted_is_told_again() {
    let mut crew = Crew::new(&thinning(), 2);
    crew.rounds(2);
    crew.step(coordinator::session::Event::Woke(coordinator::session::Alarm::Deadline { attempt: 3 }));
    assert_eq!([told(&crew, 0), told(&crew, 1)], [Told::Bits; 2], "nobody knows whether it arrived");
}
