//! Who has a case open now: told over the event stream, to whom it may concern, ending with the connection; over two nodes on
//! PostgreSQL too.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test may end where it fails")]

use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};
use system_tests::{Backend, Centre, Client, PASSWORD, Server, verified};

/// How long an event may take.
const PATIENCE: Duration = Duration::from_secs(30);

/// An open event stream, as a browser holds one.
struct Screen {
    lines: BufReader<TcpStream>,
    connection: String,
}

impl Screen {
    fn open(server: &Server, client: &Client) -> Self {
        let address = server.url().trim_start_matches("http://").to_owned();
        let mut stream = TcpStream::connect(&address).unwrap();
        stream.set_read_timeout(Some(PATIENCE)).unwrap();
        let cookie = client.cookie("shouwen_session").unwrap();
        write!(
            stream,
            "GET /api/live HTTP/1.1\r\nhost: {address}\r\ncookie: shouwen_session={cookie}\r\naccept: text/event-stream\r\n\r\n"
        )
        .unwrap();
        let mut screen = Screen {
            lines: BufReader::new(stream),
            connection: String::new(),
        };
        let here = screen.hears("here", |_| true);
        here["connection"]
            .as_str()
            .unwrap()
            .clone_into(&mut screen.connection);
        screen
    }

    /// The next event of this name that fits.
    #[track_caller]
    fn hears(&mut self, name: &str, fits: impl Fn(&Value) -> bool) -> Value {
        let (mut event, mut line) = (String::new(), String::new());
        loop {
            line.clear();
            let read = self.lines.read_line(&mut line).unwrap();
            assert!(read > 0, "the stream ended before an event {name}");
            if let Some(named) = line.trim_end().strip_prefix("event: ") {
                named.clone_into(&mut event);
            } else if let Some(data) = line.trim_end().strip_prefix("data: ")
                && event == name
            {
                let data = serde_json::from_str(data).unwrap();
                if fits(&data) {
                    return data;
                }
            }
        }
    }
}

fn names(present: &Value) -> Vec<&str> {
    let people = present["people"].as_array().unwrap().iter();
    people.map(|one| one["name"].as_str().unwrap()).collect()
}

/// Ann at one server and bo at another, which may be the same one.
fn two(centre: &Centre, other: &Server) {
    let (mut ann, mut bo, mut wu) = (
        centre.log_in("ann"),
        other.log_in("bo", PASSWORD),
        other.log_in("wu", PASSWORD),
    );
    let case = Centre::open(&mut ann, "路灯");
    let path = format!("/api/cases/{case}/presence");
    let mut one = Screen::open(&centre.server, &ann);
    let show = |client: &mut Client, screen: &Screen, typing: Value| {
        let shown = json!({ "connection": screen.connection, "typing": typing });
        client.put(&path, &shown)
    };
    // Given one who has the case open: nobody else is there
    assert_eq!(
        show(&mut ann, &one, Value::Null).expect(200).json(),
        json!({ "case": case, "people": [] })
    );
    // When another opens it, then each hears of the other
    let mut second = Screen::open(other, &bo);
    show(&mut bo, &second, Value::Null).expect(200);
    one.hears("present", |present| names(present) == ["柏一舟"]);
    second.hears("present", |present| names(present) == ["安小禾"]);
    // And of what is typed
    show(&mut bo, &second, json!("note")).expect(200);
    one.hears("present", |present| present["people"][0]["typing"] == "note");
    show(&mut bo, &second, json!("no_such_act")).expect(422);
    assert_eq!(names(&ann.get(&path).expect(200).json()), ["柏一舟"]);
    // Who may not see the case neither learns of it nor shows up, and nobody speaks for another's screen
    wu.get(&path).expect(404);
    let third = Screen::open(other, &wu);
    show(&mut wu, &third, Value::Null).expect(404);
    let mut again = other.log_in("bo", PASSWORD);
    show(&mut again, &one, json!("urge")).expect(200);
    assert_eq!(names(&bo.get(&path).expect(200).json()), ["安小禾"]);
    assert_eq!(
        bo.get(&path).json()["people"][0]["typing"],
        Value::Null,
        "somebody else's screen was spoken for"
    );
    // It ends with the connection
    drop(second);
    one.hears("present", |present| names(present).is_empty());
    // And when the case is left
    let mut second = Screen::open(other, &bo);
    show(&mut bo, &second, Value::Null).expect(200);
    second.hears("present", |present| names(present) == ["安小禾"]);
    ann.delete(&format!("{path}/{}", one.connection)).expect(204);
    second.hears("present", |present| names(present).is_empty());
}

fn one_node(backend: Backend) {
    let Some(centre) = Centre::start(backend) else {
        return;
    };
    two(&centre, &centre.server);
    let (place, _) = centre.server.stop();
    verified(&place);
}

#[test]
fn who_has_a_case_open_is_told_and_ends_with_the_connection_on_sqlite() {
    one_node(Backend::Sqlite);
}

#[test]
fn who_has_a_case_open_is_told_and_ends_with_the_connection_on_postgres() {
    one_node(Backend::Postgres);
}

#[test]
fn who_has_a_case_open_is_told_over_two_nodes() {
    let Some(place) = system_tests::Starter::new(Backend::Postgres) else {
        return;
    };
    Centre::furnish(&place);
    let second = place.beside().start();
    let centre = Centre {
        server: place.start(),
    };
    two(&centre, &second);
    drop(second);
    let (place, _) = centre.server.stop();
    verified(&place);
}
