use crate::world::{World, header, organisation};

fn text(world: &World, path: &str) -> String {
    let response = world.get(path);
    assert_eq!(response.status(), 200, "{path}");
    String::from_utf8(response.into_body()).unwrap()
}

#[test]
fn the_page_can_be_read_without_a_script() {
    let world = World::new();
    world.grow(1);
    let page = text(&world, "/");
    for shown in [
        "<html lang=\"ko\">",
        "원장 상태",
        "ledger.example/2026",
        world.root.as_str(),
        "조직 DID",
        "<noscript>",
    ] {
        assert!(page.contains(shown), "{shown}");
    }
    assert!(page.contains("data-index=\"2\" data-provable=\"false\""), "not yet under a checkpoint");
    assert!(page.contains("data-index=\"1\" data-provable=\"true\""));
    assert!(!page.contains("{{"));
    let english = text(&world, "/?lang=en");
    assert!(english.contains("<html lang=\"en\">") && english.contains("State of the ledger"));
    assert!(!english.contains("원장 상태"));
}

/// SECURITY WEB-08: own files only, nothing inline, no frames.
#[test]
fn the_page_runs_its_own_scripts_only() {
    let world = World::new();
    let response = world.get("/");
    let policy = header(&response, "content-security-policy");
    let wanted = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; \
        frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
    assert_eq!(policy, wanted);
    let page = text(&world, "/");
    assert!(
        ["style=", "onload=", "onclick=", "javascript:", "//cdn"].iter().all(|inline| !page.contains(inline))
    );
    assert_eq!(
        page.matches("<script").count(),
        page.matches("<script type=\"module\" src=\"/explorer/").count()
    );
    // Everything that it and its modules name is there.
    let mut wanted = vec![
        "/explorer/explorer.js".to_owned(),
        "/explorer/explorer.css".to_owned(),
        "/favicon.ico".to_owned(),
    ];
    let mut seen = Vec::new();
    while let Some(path) = wanted.pop() {
        if seen.contains(&path) {
            continue;
        }
        let file = text(&world, &path);
        let names = file.split("from \"./").skip(1).filter_map(|rest| rest.split_once('"'));
        wanted.extend(names.map(|(name, _)| format!("/explorer/{name}")));
        seen.push(path);
    }
    assert!(seen.len() >= 12, "{seen:?}");
}

/// SECURITY WEB-09: names are text, whatever they look like.
#[test]
fn names_are_shown_as_text() {
    let world = World::new();
    let operation = organisation(2);
    world.post(operation.as_bytes());
    for name in [
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "\"'><svg/onload=alert(1)>",
        "{{title}} {{7*7}}",
        "&lt;b&gt;",
    ] {
        world.accredit(&operation.fact().did, name);
        let page = text(&world, "/");
        let shown = name
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
            .replace('"', "&quot;")
            .replace('\'', "&#39;");
        assert!(page.contains(&format!("<span class=\"subject\">{shown}</span>")), "{name}");
        assert!(
            !page.contains("<script>") && !page.contains("<img src=x") && !page.contains("<svg"),
            "{name}"
        );
    }
}

#[test]
fn what_was_looked_for_is_linked_and_is_text() {
    let world = World::new();
    assert!(text(&world, "/?q=1").contains("<a href=\"/entries?from=1&amp;limit=1\">"));
    assert!(text(&world, "/?q=did:tlog:zQm").contains("<a href=\"/dids/did:tlog:zQm\">"));
    let page = text(&world, "/?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E");
    assert!(
        page.contains("value=\"&quot;&gt;&lt;script&gt;alert(1)&lt;/script&gt;\"")
            && !page.contains("<script>alert")
    );
    let page = text(&world, "/?q=did:tlog:%22%3E%3Cscript%3E");
    assert!(!page.contains("<script>"));
}
