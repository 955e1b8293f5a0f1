//! Citations: the works that a recipe comes from, as BibTeX.

use protocol::recipe::Citation;

/// An entry of a bibliography.
pub fn bibtex(it: &Citation) -> String {
    let arxiv = it.arxiv.as_deref();
    let year = it.year.to_string();
    let fields = [
        ("author", Some(it.authors.as_str())),
        ("title", Some(it.title.as_str())),
        ("howpublished", it.venue.as_deref()),
        ("year", Some(year.as_str())),
        ("eprint", arxiv),
        ("archiveprefix", arxiv.map(|_| "arXiv")),
        ("doi", it.doi.as_deref()),
    ];
    let fields = fields.into_iter().filter_map(|(name, value)| Some(format!("  {name} = {{{}}},\n", value?)));
    format!("@misc{{{},\n{}}}\n", key(it), fields.collect::<String>())
}

/// Family name of the first author, year, first long word of the title.
fn key(it: &Citation) -> String {
    let first = it.authors.split(" and ").next().unwrap_or_default();
    let family = first.rsplit(' ').next().unwrap_or_default();
    let word = it.title.split(|it: char| !it.is_alphanumeric()).find(|it| it.len() > 3).unwrap_or_default();
    let plain = |text: &str| text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    format!("{}{}{}", plain(family), it.year, plain(word))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_work_becomes_an_entry_with_the_fields_that_it_has() {
        let it = Citation {
            authors: "Jonathan Frankle and Michael Carbin".into(),
            title: "The Lottery Ticket Hypothesis".into(),
            venue: Some("ICLR".into()),
            year: 2019,
            arxiv: Some("1803.03635".into()),
            doi: None,
        };
        let expected = "@misc{frankle2019lottery,\n  author = {Jonathan Frankle and Michael Carbin},\n  \
            title = {The Lottery Ticket Hypothesis},\n  howpublished = {ICLR},\n  year = {2019},\n  \
            eprint = {1803.03635},\n  archiveprefix = {arXiv},\n}\n";
        assert_eq!(bibtex(&it), expected);
        let bare = bibtex(&Citation { venue: None, arxiv: None, doi: Some("10.1/2".into()), ..it });
        assert!(!bare.contains("eprint") && bare.contains("  doi = {10.1/2},\n"), "{bare}");
    }
}
