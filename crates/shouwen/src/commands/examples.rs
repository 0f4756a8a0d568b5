//! What each command's help shows at its end: examples to type, with a word of what they are for. A test parses every one.

macro_rules! examples {
    ($($(#[$doc:meta])* $name:ident = $($line:literal),+;)+) => {
        $($(#[$doc])* pub const $name: &str = concat!("Examples:", $("\n  ", $line),+);)+
    };
}

examples! {
    /// `serve`
    SERVE = "shouwen serve                                         # ./data, http://127.0.0.1:8080",
        "shouwen serve --data /srv/shouwen --listen 0.0.0.0:8080",
        "shouwen serve --database 'postgres://shouwen@db/shouwen?sslmode=verify-full'",
        "shouwen serve --data /tmp/demo --demo                 # a centre to look around in";
    /// `check`
    CHECK = "shouwen check packs/complaints --test                 # every mistake at once, then the pack's own tests",
        "shouwen check general --json                          # for an editor or a pipeline",
        "shouwen check --schemas .schemas                      # JSON Schemas: completion while typing";
    /// `pack`
    PACK = "shouwen pack diff ./complaints                        # what would change",
        "shouwen rehearse ./complaints                         # what would have come out",
        "shouwen pack activate ./complaints                    # from now on; running cases stay as they are",
        "shouwen pack move complaints                          # which running cases could follow";
    /// `pack list`
    PACK_LIST = "shouwen pack list",
        "shouwen pack list --json --database postgres://shouwen@db/shouwen";
    /// `pack activate`
    PACK_ACTIVATE = "shouwen pack activate complaints                      # one that comes with the program, for everybody",
        "shouwen pack activate ./our-complaints --unit east    # a folder, for the unit `east` and below";
    /// `pack diff`
    PACK_DIFF = "shouwen pack diff ./our-complaints",
        "shouwen pack diff complaints --json";
    /// `pack move`
    PACK_MOVE = "shouwen pack move complaints                          # only says what would become of each case",
        "shouwen pack move complaints --stage investigating=looking_into",
        "shouwen pack move complaints --carry-out              # moves those that map; the others stay and are listed",
        "shouwen pack move complaints --version 2026.2 --carry-out --json";
    /// `import`
    IMPORT = "shouwen import hotline answered.csv --data /tmp/hotline",
        "shouwen import holidays holidays-2027.csv",
        "shouwen import centre /backup/export --database postgres://shouwen@db/shouwen";
    /// `import hotline`
    IMPORT_HOTLINE = "shouwen import hotline answered.csv",
        "shouwen import hotline answered.csv --until 2026-01-01   # as if it were New Year; import again for the rest",
        "shouwen import hotline answered.csv --id-prefix b-       # the same file as other messages";
    /// `import holidays`
    IMPORT_HOLIDAYS = "shouwen import holidays holidays-2027.csv             # open deadlines are worked out again",
        "shouwen import holidays holidays-2027.csv --data /srv/shouwen";
    /// `import centre`
    IMPORT_CENTRE = "shouwen import centre /backup/export --data /srv/new",
        "shouwen import centre /backup/export --database postgres://shouwen@db/shouwen   # from SQLite to PostgreSQL";
    /// `report`
    REPORT = "shouwen report clauses",
        "shouwen report clauses --month 2026-10",
        "shouwen report close --month 2026-10";
    /// `report clauses`
    REPORT_CLAUSES = "shouwen report clauses --pack complaints --from 2026-10-01 --to 2026-11-01",
        "shouwen report clauses --month 2026-10                # as it was closed, later corrections beside it",
        "shouwen report clauses --unit east --person lin --procedure complaint",
        "shouwen report clauses --as-of 2026-11-20T13:41:00+08:00 --json";
    /// `report close`
    REPORT_CLOSE = "shouwen report close --month 2026-10                  # every pack in force",
        "shouwen report close --month 2026-10 --pack complaints --json";
    /// `rehearse`
    REHEARSE = "shouwen rehearse ./our-complaints                     # everything on record through the changed pack",
        "shouwen rehearse ./our-complaints --from 2026-01-01 --to 2027-01-01 --json";
    /// `verify`
    VERIFY = "shouwen verify                                        # chains, tree, roots, and every table",
        "shouwen verify --history-only --json",
        "shouwen verify --against 1024:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
    /// `proof`
    PROOF = "shouwen proof TS20261123-0001 > proof.json            # for whoever doubts one case",
        "shouwen proof TS20261123-0001 --with-contents";
    /// `export`
    EXPORT = "shouwen export /backup/export                         # either kind of database can import it",
        "shouwen export /backup/export --database postgres://shouwen@db/shouwen";
    /// `backup`
    BACKUP = "shouwen backup /backup/2026-11-23                     # while the server runs",
        "shouwen backup /backup/2026-11-23 --data /srv/shouwen --json";
    /// `backup drill`
    BACKUP_DRILL = "shouwen backup drill                                  # the newest of the configuration's folder",
        "shouwen backup drill /backup/2026-11-23";
    /// `restore`
    RESTORE = "shouwen restore /backup/2026-11-23 --data /srv/again  # into an empty place",
        "shouwen restore /backup/2026-11-23 --database postgres://shouwen@db/again";
    /// `search`
    SEARCH = "shouwen search rebuild --data ./data",
        "shouwen search rebuild --config /etc/shouwen.toml  # PostgreSQL, where the file names a folder for the index";
    /// `search rebuild`
    SEARCH_REBUILD = "shouwen search rebuild                     # the index below ./data, while no server runs",
        "shouwen search rebuild --json --data /srv/shouwen";
    /// `outbox`
    OUTBOX = "shouwen outbox status",
        "shouwen outbox release --reason '恢复演练结束'         # after a restore";
    /// `outbox status`
    OUTBOX_STATUS = "shouwen outbox status --data ./data",
        "shouwen outbox status --json --database postgres://shouwen@db/shouwen";
    /// `outbox hold`
    OUTBOX_HOLD = "shouwen outbox hold --reason '短信平台检修'",
        "shouwen outbox hold --reason '核对模板' --database postgres://shouwen@db/shouwen";
    /// `outbox release`
    OUTBOX_RELEASE = "shouwen outbox release --reason '检修结束'",
        "shouwen outbox release --reason '恢复演练结束' --data /srv/again";
    /// `user`
    USER = "shouwen user unit centre 客户中心",
        "echo 'a long password' | shouwen user add lin --name 林 --function agent@centre",
        "shouwen user list";
    /// `user list`
    USER_LIST = "shouwen user list",
        "shouwen user list --json --data /srv/shouwen";
    /// `user unit`
    USER_UNIT = "shouwen user unit centre 客户中心",
        "shouwen user unit east 东区客服 --within centre";
    /// `user add`
    USER_ADD = "echo 'a long password' | shouwen user add lin --name 林 --function agent@east",
        "shouwen user add wu --name 吴 --function team_leader@east --function agent@east < password.txt";
    /// `user password`
    USER_PASSWORD = "echo 'another password' | shouwen user password lin",
        "shouwen user password lin --data /srv/shouwen < password.txt";
    /// `bench`
    BENCH = "shouwen bench --quick",
        "shouwen bench --only http --within /srv/tmp",
        "shouwen bench --hotline answered.csv --postgres postgres://shouwen@db/postgres --json";
    /// `doctor`
    DOCTOR = "shouwen doctor                                        # says what is wrong and what to do",
        "shouwen doctor --json --database postgres://shouwen@db/shouwen";
    /// `openapi`
    OPENAPI = "shouwen openapi > openapi.json",
        "shouwen openapi --json";
    /// The program itself
    SHOUWEN = "shouwen serve --data /tmp/demo --demo                 # a centre to look around in",
        "shouwen check packs/complaints --test                 # is this regulation sound?",
        "shouwen report clauses --month 2026-10                # was it followed?";
}

#[cfg(test)]
mod tests {
    use clap::{Command, CommandFactory};

    /// The words of a line as a shell would take them: what stands before a pipe, after `>` or `#` is not ours.
    fn words(line: &str) -> Vec<String> {
        let line = line.rsplit_once(" | ").map_or(line, |(_, last)| last);
        let (mut words, mut word, mut quoted) = (Vec::new(), String::new(), false);
        for letter in line.chars() {
            match letter {
                '\'' => quoted = !quoted,
                '#' if !quoted && word.is_empty() => break,
                '<' | '>' if !quoted => break,
                ' ' if !quoted => {
                    if !word.is_empty() {
                        words.push(std::mem::take(&mut word));
                    }
                }
                other => word.push(other),
            }
        }
        if !word.is_empty() {
            words.push(word);
        }
        words
    }

    fn all<'a>(command: &'a Command, path: &str, found: &mut Vec<(String, &'a Command)>) {
        let here = format!("{path} {}", command.get_name()).trim().to_owned();
        for below in command
            .get_subcommands()
            .filter(|below| below.get_name() != "help")
        {
            all(below, &here, found);
        }
        found.push((here, command));
    }

    #[test]
    fn every_command_shows_examples_of_itself_that_parse() {
        let whole = crate::Arguments::command();
        let mut found = Vec::new();
        all(&whole, "", &mut found);
        assert!(found.len() > 20, "{}", found.len());
        for (path, command) in found {
            let shown = command
                .get_after_help()
                .unwrap_or_else(|| panic!("`{path}` shows no examples"))
                .to_string();
            let lines: Vec<&str> = shown.lines().filter(|line| line.contains("shouwen ")).collect();
            assert!(lines.len() >= 2, "`{path}` shows {} examples", lines.len());
            for line in &lines {
                let words = words(line);
                assert_eq!(words.first().map(String::as_str), Some("shouwen"), "{line}");
                if let Err(error) = crate::Arguments::command().try_get_matches_from(&words) {
                    panic!("the example `{line}` of `{path}` does not parse: {error}");
                }
            }
            let own = |line: &&str| words(line).join(" ").starts_with(&path);
            assert!(lines.iter().any(own), "`{path}` shows no example of itself");
        }
    }
}
