//! Orders: what a session takes for an order of its groups, and what goes by those of two clients.

use coordinator::session::Event;
use protocol::drafts::Draft;
use protocol::mask::PackedMask;
use protocol::recipe::Recipe;
use protocol::tally::Ballots;
use protocol::wire::{Contribution, Refusal, Vote};

use super::crew::Crew;

/// Four units, of which one goes in each of two rounds.
fn four() -> Recipe {
    let draft = Draft::dense(4).rounds(3).units().masked("decider", "borda");
    draft.masked("schedule", r#"{ kind = "geometric", target_density = 0.5, levels = 2 }"#).recipe()
}

fn cast(crew: &mut Crew, client: u32, vote: Vote) {
    let at = crew.waiting.iter().position(|it| it.0 == client).expect("the client was asked");
    let plan = crew.waiting[at].1.clone();
    let contribution = Contribution { vote: Some(vote), ..crew.answer(client, &plan) };
    crew.step(Event::Contributed(client, contribution, 0));
}

/// Why these bits are no order.
fn refused(crew: &mut Crew, vote: Vote) -> Refusal {
    cast(crew, 0, vote);
    crew.refusals.pop().expect("it does not count").1
}

fn bits(it: u8) -> Vote {
    Vote::Order(PackedMask(vec![it]))
}

#[test]
fn only_an_order_of_the_living_is_one() {
    let mut crew = Crew::new(&four(), 2);
    // Of four units: one bit for unit 2, two for unit 1 and two for unit 0, each the number of later ones that go first.
    let drops = refused(&mut crew, Vote::Drop(PackedMask(vec![1])));
    assert_eq!(drops, Refusal::OtherBallot { wanted: Ballots::Order });
    assert_eq!(refused(&mut crew, bits(0b10_0000)), Refusal::WrongBallotLength { expected: 1 });
    assert_eq!(refused(&mut crew, Vote::Order(PackedMask(vec![0; 2]))), Refusal::WrongBallotLength { expected: 1 });
    assert_eq!(refused(&mut crew, bits(0b00110)), Refusal::NoOrder { unit: 1 }, "three of two");
    // Ranks 2 0 1 3 and 1 2 0 3 sum to 3 2 1 6: unit 2 goes, though only one of the two puts it first.
    cast(&mut crew, 0, bits(0b10000));
    cast(&mut crew, 1, bits(0b01010));
    assert_eq!(crew.session.state().mask().iter().collect::<Vec<_>>(), [0, 1, 3]);
    // Three are left, and an order of them has three bits.
    assert_eq!(refused(&mut crew, bits(0b10000)), Refusal::WrongBallotLength { expected: 1 });
}
