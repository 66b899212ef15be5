/// What writes colours, or leaves them out. The codes are k6's.
#[derive(Clone, Copy)]
pub(super) struct Style {
    pub(super) colour: bool,
}

impl Style {
    pub(super) fn bold(self, text: &str) -> String {
        self.code("1", text)
    }

    pub(super) fn red(self, text: &str) -> String {
        self.code("31", text)
    }

    pub(super) fn green(self, text: &str) -> String {
        self.code("32", text)
    }

    pub(super) fn cyan(self, text: &str) -> String {
        self.code("36", text)
    }

    pub(super) fn white(self, text: &str) -> String {
        self.code("37", text)
    }

    pub(super) fn faint_cyan(self, text: &str) -> String {
        self.code("2;36", text)
    }

    pub(super) fn faint_white(self, text: &str) -> String {
        self.code("2;37", text)
    }

    fn code(self, code: &str, text: &str) -> String {
        if self.colour {
            format!("\x1b[{code}m{text}\x1b[0m")
        } else {
            text.to_owned()
        }
    }
}
