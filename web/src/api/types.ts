/** Short names for what the server says; the shapes themselves come from the OpenAPI file. */
import type { components } from './schema'

type Schemas = components['schemas']
export type Approval = Schemas['ApprovalView']
export type Board = Schemas['Board']
export type CaseLine = Schemas['CaseLine']
export type CaseStanding = Schemas['CaseStanding']
export type CaseView = Schemas['CaseView']
export type ClauseReport = Schemas['ClauseReport']
export type ClauseRow = Schemas['ClauseRow']
export type ClauseTag = Schemas['ClauseTag']
export type Clock = Schemas['ClockView']
/** The states a clock is shown in; the server's word is one of them. */
export type ClockState = 'pending' | 'running' | 'soon' | 'overdue' | 'kept' | 'kept_late' | 'paused' | 'exempt' | 'lapsed'
/** What every shown clock has, whether a list's nearest one or a case's own. */
export type ClockLike = Schemas['NearestClock'] | Clock
export type ComingClock = Schemas['StartingClock']
export type CustomerCard = Schemas['CustomerCard']
export type CustomerLine = Schemas['CustomerLine']
export type Entry = Schemas['Entry']
export type Field = Schemas['FieldView']
export type Figure = Schemas['FigureRow']
export type Intake = Schemas['IntakeLine']
export type IntakeForm = Schemas['Intake']
export type Job = Schemas['JobView']
export type Month = Schemas['Month']
export type NearestClock = Schemas['NearestClock']
export type NewExport = Schemas['NewExport']
export type NewCase = Schemas['NewCase']
export type Offer = Schemas['OfferView']
export type ProblemBody = Schemas['ProblemBody']
export type PackText = Schemas['PackText']
export type Phrases = Schemas['PhrasesView']
export type Procedure = Schemas['ProcedureView']
export type Question = Schemas['QuestionView']
export type Reading = Schemas['Reading']
export type Session = Schemas['Session']
export type Turn = Schemas['TurnView']
export type Trial = Schemas['Trial']
/** What was typed into a form, by field key. */
export type Input = Record<string, unknown>
/** How the columns of a file are ordered to be read. */
export type Wish = Schemas['Wish']
