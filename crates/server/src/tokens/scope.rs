//! What a token is good for, and which scope each route asks for. A route that is not named here is closed to tokens.

/// One scope.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Scope {
    /// Read cases, their lists and what changed; read regulations.
    CasesRead,
    /// Open cases and act on them.
    CasesWrite,
    /// Read customers.
    CustomersRead,
    /// Make and change customers.
    CustomersWrite,
    /// Read reports.
    ReportsRead,
    /// Read units and people.
    OrganisationRead,
}

impl Scope {
    /// Every scope.
    pub const ALL: [Scope; 6] = [
        Scope::CasesRead,
        Scope::CasesWrite,
        Scope::CustomersRead,
        Scope::CustomersWrite,
        Scope::ReportsRead,
        Scope::OrganisationRead,
    ];

    /// The word that programs use.
    pub fn word(self) -> &'static str {
        match self {
            Scope::CasesRead => "cases:read",
            Scope::CasesWrite => "cases:write",
            Scope::CustomersRead => "customers:read",
            Scope::CustomersWrite => "customers:write",
            Scope::ReportsRead => "reports:read",
            Scope::OrganisationRead => "organisation:read",
        }
    }

    /// The scope of this word.
    pub fn of(word: &str) -> Option<Self> {
        Scope::ALL.into_iter().find(|scope| scope.word() == word)
    }
}

/// Routes for tokens: method, path as the router has it, scope. `*` stands for every path that begins so.
const ROUTES: &[(&str, &str, Scope)] = &[
    (
        "POST",
        "/api/cases/{id}/actions/{action}/dry-run",
        Scope::CasesRead,
    ),
    ("POST", "/api/cases/dry-run", Scope::CasesRead),
    ("GET", "/api/cases*", Scope::CasesRead),
    ("GET", "/api/queue", Scope::CasesRead),
    ("GET", "/api/call-backs", Scope::CasesRead),
    ("GET", "/api/intakes*", Scope::CasesRead),
    ("GET", "/api/packs*", Scope::CasesRead),
    ("GET", "/api/live", Scope::CasesRead),
    ("GET", "/api/search*", Scope::CasesRead),
    ("GET", "/api/candidates", Scope::CasesRead),
    ("POST", "/api/cases*", Scope::CasesWrite),
    ("PUT", "/api/cases*", Scope::CasesWrite),
    ("DELETE", "/api/cases*", Scope::CasesWrite),
    ("GET", "/api/customers*", Scope::CustomersRead),
    ("POST", "/api/customers", Scope::CustomersWrite),
    ("PUT", "/api/customers/{id}", Scope::CustomersWrite),
    ("GET", "/api/reports*", Scope::ReportsRead),
    ("GET", "/api/clauses*", Scope::ReportsRead),
    ("GET", "/api/units", Scope::OrganisationRead),
    ("GET", "/api/people", Scope::OrganisationRead),
];

/// The description of the API is open to every token.
const OPEN: &str = "/api/openapi.json";

/// What a route asks of a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Needed {
    /// No token may call it.
    Closed,
    /// Any token may.
    Open,
    /// One with this scope may.
    Scope(Scope),
}

/// What a route asks of a token.
pub fn needed(method: &str, path: &str) -> Needed {
    let method = if method == "HEAD" { "GET" } else { method };
    if (method, path) == ("GET", OPEN) {
        return Needed::Open;
    }
    let fits = |known: &str| match known.strip_suffix('*') {
        Some(start) => path
            .strip_prefix(start)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('/')),
        None => path == known,
    };
    ROUTES
        .iter()
        .find(|(verb, known, _)| *verb == method && fits(known))
        .map_or(Needed::Closed, |(_, _, scope)| Needed::Scope(*scope))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_route_that_is_not_named_is_closed() {
        for (method, path) in [
            ("POST", "/api/people"),
            ("POST", "/api/tokens"),
            ("GET", "/api/people/{person}"),
            ("GET", "/api/access-log"),
            ("PUT", "/api/units/{unit}"),
            ("GET", "/api/casesx"),
            ("GET", ""),
            ("PATCH", "/api/cases/{id}"),
        ] {
            assert_eq!(needed(method, path), Needed::Closed, "{method} {path}");
        }
        assert_eq!(needed("GET", "/api/cases/{id}"), Needed::Scope(Scope::CasesRead));
        assert_eq!(needed("HEAD", "/api/cases"), Needed::Scope(Scope::CasesRead));
        assert_eq!(
            needed("POST", "/api/cases/{id}/actions/{action}"),
            Needed::Scope(Scope::CasesWrite)
        );
        assert_eq!(
            needed("POST", "/api/cases/{id}/actions/{action}/dry-run"),
            Needed::Scope(Scope::CasesRead)
        );
    }

    #[test]
    fn words_lead_back() {
        for scope in Scope::ALL {
            assert_eq!(Scope::of(scope.word()), Some(scope));
        }
        assert_eq!(Scope::of("people:write"), None);
    }
}
