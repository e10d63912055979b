//! The catalogue as one page.

use std::collections::BTreeSet;

use redeliver::catalogue::page;
use redeliver::gallery::EXHIBITS;
use redeliver::simulation::leave_out_panics_of_handlers;
use redeliver_model::property::Property;

fn between<'a>(text: &'a str, before: &str, after: char) -> Vec<&'a str> {
    let parts = text.split(before).skip(1);
    parts.map(|it| it.split(after).next().unwrap()).collect()
}

#[test]
fn everything_has_one_anchor_and_every_link_on_the_page_leads_to_one() {
    leave_out_panics_of_handlers();
    let page = page().unwrap();
    let anchors = between(&page, " id=\"", '"');
    let distinct: BTreeSet<_> = anchors.iter().copied().collect();
    assert_eq!(distinct.len(), anchors.len());
    for property in Property::ALL {
        assert!(distinct.contains(property.id()), "{}", property.id());
    }
    for exhibit in EXHIBITS {
        assert!(distinct.contains(exhibit.name), "{}", exhibit.name);
    }
    for link in between(&page, "href=\"#", '"') {
        assert!(distinct.contains(link), "{link}");
    }
    for counterexample in ["it breaks", "attempt 1 of delivery 2"] {
        assert!(page.contains(counterexample));
    }
}

/// What is no link leads nowhere: no script, no image, no style from elsewhere. And the
/// page is well-formed, so no text has slipped out of its element.
#[test]
fn the_page_is_well_formed_and_fetches_nothing() {
    leave_out_panics_of_handlers();
    let page = page().unwrap();
    for tag in [
        "<script", "<img", "<link", "<iframe", "src=", "url(", "@import",
    ] {
        let outside = page
            .split("<pre>")
            .map(|it| it.rsplit("</pre>").next().unwrap());
        let tags = outside.flat_map(|it| between(it, "<", '>'));
        let mut tags = tags.map(|it| format!("<{it}>"));
        assert_eq!(tags.find(|it| it.contains(tag)), None, "{tag}");
    }
    let page = page.replacen("<!DOCTYPE html>", "", 1);
    let document = roxmltree::Document::parse(&page).unwrap();
    for node in document.descendants() {
        let mut names = node.attributes().map(|it| it.name());
        assert_eq!(names.find(|it| it.starts_with("on")), None);
    }
}
