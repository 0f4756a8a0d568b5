//! The tables behind the screens, and the migrations that make them.

use store::{Column, Migration, Table};

macro_rules! migration {
    ($number:literal, $name:literal, $file:literal) => {
        Migration {
            number: $number,
            name: $name,
            sqlite: include_str!(concat!($file, ".sqlite.sql")),
            postgres: include_str!(concat!($file, ".postgres.sql")),
        }
    };
}

/// Migrations of the centre's own tables, in order.
pub const MIGRATIONS: &[Migration] = &[
    migration!(100, "the centre's tables", "0100_centre"),
    migration!(101, "the access log", "0101_access_log"),
    migration!(110, "notices, outbox and web hooks", "0110_messages"),
    migration!(130, "people and rights", "0130_people_and_rights"),
    migration!(140, "customers in full, contacts, attachments", "0140_customers"),
    migration!(150, "jobs and their files", "0150_jobs"),
    migration!(151, "imports", "0151_imports"),
    migration!(170, "closed months", "0170_closed_months"),
    migration!(180, "preferences, and open cases by due time", "0180_desk"),
    migration!(185, "messages to customers", "0185_customers_told"),
    migration!(186, "imports by record", "0186_imported_records"),
    migration!(190, "log-ins by a provider", "0190_provider_log_ins"),
];

macro_rules! table {
    ($(#[$doc:meta])* $name:ident = $sql:literal key ($($key:ident $key_kind:ident),*) columns ($($column:ident $kind:ident),* $(,)?)) => {
        $(#[$doc])*
        pub static $name: Table = Table {
            name: $sql,
            key: &[$(Column::$key_kind(stringify!($key))),*],
            columns: &[$(Column::$kind(stringify!($column))),*],
        };
    };
}

table!(
    /// The organisation's tree.
    UNITS = "units" key (id int) columns (parent int, name text, key text, calendar text, closed int)
);
table!(
    /// Staff.
    PEOPLE = "people" key (id int) columns (login text, name text, active int, language text, demo int)
);
table!(
    /// Functions held, with dates.
    HOLDINGS = "holdings" key (person int, no int)
        columns (function text, unit int, since int, until int, on_behalf_of int)
);
table!(
    /// Certificates held, with dates.
    CERTIFICATES = "certificates" key (person int, certificate text) columns (since int, until int)
);
table!(
    /// Customers.
    CUSTOMERS = "customers" key (id int) columns (name text, premises text, notes text)
);
table!(
    /// Their numbers.
    CUSTOMER_PHONES = "customer_phones" key (customer int, phone text) columns ()
);
table!(
    /// What else is known of a customer. Records older than this table have no row.
    CUSTOMER_PROFILES = "customer_profiles" key (id int) columns (
        kind text, unit int, registrar int, registered int, merged_into int, needs text, preferences text,
    )
);
table!(
    /// Numbers and addresses of the wire, with labels; telephone numbers stand in `customer_phones` too.
    CUSTOMER_NUMBERS = "customer_numbers" key (customer int, no int)
        columns (kind text, number text, extension text, label text)
);
table!(
    /// Their premises and addresses.
    CUSTOMER_PLACES = "customer_places" key (customer int, no int)
        columns (label text, area text, building text, unit text, room text, text text, place_key text)
);
table!(
    /// Who they are to other customers.
    CUSTOMER_RELATIONS = "customer_relations" key (customer int, other int, kind text) columns (note text)
);
table!(
    /// Their tags.
    CUSTOMER_TAGS = "customer_tags" key (customer int, tag text) columns ()
);
table!(
    /// What they bought and which services they have.
    CUSTOMER_SERVICES = "customer_services" key (customer int, no int)
        columns (kind text, what text, at int, until int, amount int, note text)
);
table!(
    /// How their names sound.
    CUSTOMER_SOUNDS = "customer_sounds" key (customer int) columns (sound text)
);
table!(
    /// Records that were made one.
    CUSTOMER_MERGES = "customer_merges" key (id int) columns (
        kept int, merged int, at int, person int, kept_seq int, merged_seq int, reason text, undone int,
    )
);
table!(
    /// Marks that the outcome of a case set on a customer.
    CUSTOMER_MARKS = "customer_marks" key (case_id int, mark text) columns (customer int, since int, person int)
);
table!(
    /// Contacts.
    CONTACTS = "contacts" key (id int) columns (
        channel text, direction text, at int, person int, customer int, unit int, number text, summary text,
        answer text,
    )
);
table!(
    /// Which cases a contact was about.
    CONTACT_CASES = "contact_cases" key (contact int, case_id int) columns ()
);
table!(
    /// Files that people brought in.
    ATTACHMENTS = "attachments" key (id int) columns (
        file text, name text, kind text, size int, case_id int, contact int, person int, at int, checked text,
    )
);
table!(
    /// The phone book of outside bodies.
    OUTSIDE_BODIES = "outside_bodies" key (id int)
        columns (kind text, name text, number text, area text, hours text, note text, active int)
);
table!(
    /// What was erased on request.
    ERASURES = "erasures" key (id int)
        columns (customer int, at int, person int, reason text, records text, kept text)
);
table!(
    /// Every version of a pack ever put in force.
    PACKS = "packs" key (id int) columns (hash text, name text, version text, files text, loaded int)
);
table!(
    /// Which version is in force where.
    PACKS_IN_FORCE = "packs_in_force" key (unit int, name text) columns (hash text, since int, id int)
);
table!(
    /// Holiday facts of years beyond or instead of the built-in ones.
    HOLIDAYS = "holidays" key (year int) columns (facts text, id int)
);
table!(
    /// Cases.
    CASES = "cases" key (id int) columns (
        number text, pack text, pack_hash text, procedure text, stage text, subject text, channel text,
        received int, opened int, ended int, customer int, owning_unit int, unit int, first_contact_owner int,
        registrar int, handler int, parent int, source text, round int, supervised int, urged int, void int,
        merged_into int, retained_until int, due int, due_clock int, track text, wakes int, version int,
    )
);
table!(
    /// Their clocks.
    CLOCKS = "clocks" key (case_id int, no int) columns (
        pack text, clause_pack text, clause text, deadline text, round int, state text, start int, due int,
        ended int, once_late int, answers int, unit int,
    )
);
table!(
    /// Attempts that a clause refused.
    REFUSALS = "refusals" key (case_id int, seq int) columns (
        pack text, clause_pack text, clause text, action text, person int, at int, unit int,
    )
);
table!(
    /// Signatures that are waited for.
    SIGNATURES_ASKED = "signatures_asked" key (case_id int, approval int, step int, slot int)
        columns (function text, unit int, person int, asked int)
);
table!(
    /// Questions that are waited for.
    QUESTIONS_ASKED = "questions_asked" key (case_id int, no int, slot int)
        columns (question text, function text, about int, unit int, raised int)
);
table!(
    /// What facts find.
    FACT_ENTRIES = "fact_entries" key (name text, key text, case_id int)
        columns (at int, amount int, customer int, ended int, void int)
);
table!(
    /// What people choose of notices.
    NOTICE_SETTINGS = "notice_settings" key (id int)
        columns (person int, mail text, phone text, by_mail text, by_sms text, quiet_from int, quiet_until int)
);
table!(
    /// Who subscribed to what happens.
    WEBHOOKS = "webhooks" key (id int) columns (name text, url text, kinds text, unit int, active int)
);
table!(
    /// Notices to people; they follow from no event alone, so `verify` leaves them.
    NOTICES = "notices" key (id int)
        columns (person int, case_id int, seq int, at int, kind text, zh text, en text, seen int)
);
table!(
    /// Messages on their way out; likewise.
    OUTBOX = "outbox" key (id int) columns (
        key text, channel text, recipient text, subject text, body text, case_id int, seq int, state text,
        attempts int, made int, due int, taken_until int, sent int, gateway_id text, segments int, error text,
        customer int, outward int,
    )
);

table!(
    /// Closed months of the clause report.
    CLOSED_MONTHS = "closed_months" key (pack text, month text)
        columns (id int, pack_hash text, as_of int, closed int, closed_by int, counts text)
);

/// Tables that follow from the events of records, compared by `verify`.
pub static PROJECTIONS: &[&Table] = &[
    &UNITS,
    &PEOPLE,
    &HOLDINGS,
    &CERTIFICATES,
    &CUSTOMERS,
    &CUSTOMER_PHONES,
    &CUSTOMER_PROFILES,
    &CUSTOMER_NUMBERS,
    &CUSTOMER_PLACES,
    &CUSTOMER_RELATIONS,
    &CUSTOMER_TAGS,
    &CUSTOMER_SERVICES,
    &CUSTOMER_SOUNDS,
    &CUSTOMER_MERGES,
    &CUSTOMER_MARKS,
    &CONTACTS,
    &CONTACT_CASES,
    &ATTACHMENTS,
    &OUTSIDE_BODIES,
    &ERASURES,
    &PACKS,
    &PACKS_IN_FORCE,
    &HOLIDAYS,
    &CASES,
    &CLOCKS,
    &REFUSALS,
    &SIGNATURES_ASKED,
    &QUESTIONS_ASKED,
    &FACT_ENTRIES,
    &NOTICE_SETTINGS,
    &WEBHOOKS,
    &CLOSED_MONTHS,
];
