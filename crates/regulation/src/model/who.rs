//! Who may act, sign or be told. A pack names functions and relations to the case, never people or teams (GEN-24).

/// Which unit is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnitOf {
    /// The case's responsible unit.
    Responsible,
    /// The unit that owns the case (where it was received).
    Owning,
    /// A unit field of the case, by key.
    Field(String),
}

/// One way of being entitled, or of being addressed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Who {
    /// Every person with a log-in whose scope reaches the case.
    Anyone,
    /// Holders of a function. Without `of`: held in a unit that contains the case's responsible or owning unit.
    Function {
        /// The function's key.
        function: String,
        /// Held for this unit (or one above it).
        of: Option<UnitOf>,
        /// "and above": functions of the same ladder with a higher rank count too (PRP-5).
        and_above: bool,
    },
    /// People with any function inside the unit's subtree.
    MembersOf(UnitOf),
    /// Who works on the case now.
    Handler,
    /// Who took the first contact and answers until closed (GEN-5).
    FirstContactOwner,
    /// Who registered the case.
    Registrar,
    /// A person field of the case, by key.
    Field(String),
    /// The customer; can only be told.
    Customer,
    /// Only the engine, by a deadline's own act (MAL-4).
    Engine,
}
