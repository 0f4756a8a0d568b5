/** Short names for what the server says; the shapes themselves come from the OpenAPI file. */
import type { components } from './schema'

type Schemas = components['schemas']
export type Approval = Schemas['Approval']
export type CaseLine = Schemas['CaseLine']
export type CaseView = Schemas['CaseView']
export type ClauseReport = Schemas['ClauseReport']
export type ClauseRow = Schemas['ClauseRow']
export type ClauseTag = Schemas['ClauseTag']
export type Clock = Schemas['Clock']
export type ClockState = Clock['state']
export type ComingClock = Schemas['ComingClock']
export type CustomerCard = Schemas['CustomerCard']
export type CustomerLine = Schemas['CustomerLine']
export type Entry = Schemas['Entry']
export type Field = Schemas['Field']
export type Figure = Schemas['Figure']
export type Intake = Schemas['Intake']
export type IntakeForm = Schemas['IntakeForm']
export type NewCase = Schemas['NewCase']
export type Offer = Schemas['Offer']
export type ProblemBody = Schemas['Problem']
export type Question = Schemas['Question']
export type Session = Schemas['Session']
export type Trial = Schemas['Trial']
/** What was typed into a form, by field key. */
export type Input = Record<string, unknown>
