//! A form of one line that asks for a page.

use sinpyo_web::{
    href::Href,
    html::{Attr, Html, Tag, el},
    lang::{Lang, Say, say},
};

/// A form of one line that asks for a page: it needs no script, and the answer has an address.
#[derive(Clone, Copy, Debug)]
pub(crate) struct QueryForm<'a> {
    pub(crate) action: &'a Href,
    /// What the parameter is called; the input's id as well.
    pub(crate) name: &'a str,
    pub(crate) label: Say,
    /// What was asked for.
    pub(crate) value: &'a str,
}

impl QueryForm<'_> {
    pub(crate) fn html(self, lang: Lang) -> Html {
        let input = el(Tag::INPUT)
            .id(self.name)
            .attr(Attr::TYPE, "text")
            .attr(Attr::NAME, self.name)
            .attr(Attr::VALUE, self.value)
            .attr(Attr::AUTOCOMPLETE, "off")
            .attr(Attr::AUTOCAPITALIZE, "none")
            .attr(Attr::SPELLCHECK, "false")
            .attr(Attr::MAXLENGTH, "100");
        let button =
            el(Tag::BUTTON).class("button").attr(Attr::TYPE, "submit").with(say("찾기", "Find").of(lang));
        let label = el(Tag::LABEL).attr(Attr::FOR, self.name).with(self.label.of(lang));
        el(Tag::FORM)
            .class("form")
            .attr(Attr::METHOD, "get")
            .action(self.action)
            .with(el(Tag::DIV).class("field").with(label).with(input))
            .with(el(Tag::DIV).class("actions").with(button))
            .into()
    }
}
