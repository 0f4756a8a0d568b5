/** The HTTP contract by hand, in the shape openapi-typescript writes; `npm run api` replaces this file. */
type Json<T> = { headers: { [name: string]: unknown }; content: { 'application/json': T } }
type Refused = { headers: { [name: string]: unknown }; content: { 'application/json': components['schemas']['ProblemBody'] } }
type Ok<T> = { 200: Json<T>; default: Refused }
type Made<T> = { 201: Json<T>; default: Refused }
type Gone = { 204: { headers: { [name: string]: unknown }; content?: never }; default: Refused }
type None = { query?: never; header?: never; path?: never; cookie?: never }
type Query<Q> = { query?: Q; header?: never; path?: never; cookie?: never }
type Path<P> = { query?: never; header?: never; path: P; cookie?: never }
type Get<P, T> = { parameters: P; requestBody?: never; responses: Ok<T> }
type Send<P, B, R> = { parameters: P; requestBody: { content: { 'application/json': B } }; responses: R }
type Methods<M> = { parameters: None } & { [K in 'get' | 'put' | 'post' | 'delete' | 'options' | 'head' | 'patch' | 'trace' as K extends keyof M ? never : K]?: never } & M

type S = components['schemas']

export interface paths {
  '/api/session': Methods<{
    get: Get<None, S['Session']>
    post: Send<None, { login: string; password: string }, Ok<S['Session']>>
    delete: { parameters: None; requestBody?: never; responses: Gone }
  }>
  '/api/session/language': Methods<{ put: Send<None, { language: string }, Ok<S['Session']>> }>
  '/api/queue': Methods<{ get: Get<Query<{ tab?: string; after?: string; limit?: number }>, S['Queue']> }>
  '/api/cases': Methods<{
    get: Get<Query<{ open?: boolean; procedure?: string; unit?: string; q?: string; after?: string; limit?: number }>, S['CaseList']>
    post: Send<None, S['NewCase'], Made<S['CaseView']>>
  }>
  '/api/cases/dry-run': Methods<{ post: Send<None, S['NewCase'], Ok<S['Trial']>> }>
  '/api/cases/{id}': Methods<{ get: Get<Path<{ id: string }>, S['CaseView']> }>
  '/api/cases/{id}/actions/{action}': Methods<{ post: Send<Path<{ id: string; action: string }>, S['Act'], Ok<S['CaseView']>> }>
  '/api/cases/{id}/actions/{action}/dry-run': Methods<{ post: Send<Path<{ id: string; action: string }>, S['Act'], Ok<S['Trial']>> }>
  '/api/cases/{id}/approvals/{no}': Methods<{
    post: Send<Path<{ id: string; no: string }>, { agree: boolean; reason?: string | null; seen?: number | null }, Ok<S['CaseView']>>
  }>
  '/api/cases/{id}/questions/{no}': Methods<{ post: Send<Path<{ id: string; no: string }>, { yes: boolean; reason: string }, Ok<S['CaseView']>> }>
  '/api/intakes': Methods<{ get: Get<None, S['IntakeLine'][]> }>
  '/api/intakes/{pack}/{procedure}': Methods<{ get: Get<Path<{ pack: string; procedure: string }>, S['Intake']> }>
  '/api/call-backs': Methods<{ get: Get<Query<{ after?: string; limit?: number }>, S['CaseList']> }>
  '/api/reports/clauses': Methods<{
    get: Get<Query<{ pack?: string; from?: string; to?: string; as_of?: string; unit?: string }>, S['ClauseReport']>
  }>
  '/api/reports/clauses/{pack}/{clause}/cases': Methods<{
    get: Get<
      { query?: { column?: string; report?: string; from?: string; to?: string; as_of?: string; unit?: string; after?: string }; header?: never; path: { pack: string; clause: string }; cookie?: never },
      S['ClauseCases']
    >
  }>
  '/api/clauses/{pack}/{clause}': Methods<{ get: Get<Path<{ pack: string; clause: string }>, S['ClauseCard']> }>
  '/api/packs': Methods<{ get: Get<None, S['PackLine'][]> }>
  '/api/customers': Methods<{
    get: Get<Query<{ q?: string }>, S['CustomerList']>
    post: Send<None, { name: string; phone?: string | null; premises?: string | null }, Made<S['CustomerLine']>>
  }>
  '/api/units': Methods<{ get: Get<None, S['Unit'][]> }>
  '/api/people': Methods<{ get: Get<Query<{ unit?: string; function?: string }>, S['PersonLine'][]> }>
}

export interface components {
  schemas: {
    ProblemBody: {
      type: string
      title: string
      status: number
      detail?: string | null
      code: string
      problems?: S['FieldSay'][]
      clause?: S['ClauseTag'] | null
      why?: string
      by?: { person: string; name: string; did: string } | null
    }
    FieldSay: { field: string; say: string }
    RefusalView: { why: string; say: string; could: string[]; clause?: S['ClauseTag'] | null }
    Session: {
      person: { id: string; name: string; login: string }
      csrf: string
      language: string
      functions: { key: string; title: string; unit?: string | null; unit_name?: string | null }[]
      demo: boolean
    }
    ClauseTag: { pack: string; id: string; number: string; title: string }
    ClockView: {
      no?: number | null
      deadline: string
      title: string
      clause: S['ClauseTag']
      state: string
      started_at?: string | null
      due_at?: string | null
      ended_at?: string | null
      limit: string
      origin: string
      round: number
      provisional: boolean
      reason?: string | null
      took_ms?: number | null
      late_ms?: number | null
      soon_at?: string | null
      replaced_by?: number | null
    }
    CaseLine: {
      id: string
      number: string
      pack: string
      procedure: string
      procedure_title: string
      subject: string
      stage: string
      stage_title: string
      ended_at?: string | null
      received_at: string
      channel: string
      unit?: string | null
      unit_name?: string | null
      handler?: string | null
      handler_name?: string | null
      first_contact_owner?: string | null
      first_contact_owner_name?: string | null
      customer?: string | null
      customer_name?: string | null
      supervised: boolean
      urged: number
      round: number
      version: number
      nearest?: S['NearestClock'] | null
      track: string[]
    }
    NearestClock: {
      deadline: string
      title: string
      clause: S['ClauseTag']
      state: string
      started_at: string
      due_at: string
      soon_at: string
    }
    Queue: { items: S['CaseLine'][]; next?: string | null; counts: { mine: number; first_contact: number; done: number } }
    CaseList: { items: S['CaseLine'][]; next?: string | null }
    ClauseCases: { items: (S['CaseLine'] & { clock?: S['ClockView'] | null })[]; next?: string | null }
    Entry: {
      seq: number
      at: string
      recorded_at: string
      actor?: { id: string; name: string } | null
      kind: string
      sentence: string
      action?: string | null
      words: { key: string; title: string; text: string }[]
      consequences: string[]
      clause?: S['ClauseTag'] | null
    }
    FieldView: {
      key: string
      title: string
      kind: string
      options?: { key: string; title: string }[]
      rows?: S['FieldView'][]
      required: string
      or?: string | null
      conditional: boolean
      future: boolean
      read_back: boolean
      longest: number
      personal: boolean
      help?: string | null
      given?: string | null
      measure?: string | null
    }
    OfferView: {
      action: string
      title: string
      clause?: S['ClauseTag'] | null
      fields: S['FieldView'][]
      state: string
      refusal?: S['RefusalView'] | null
      ends: boolean
      right: boolean
      primary: boolean
    }
    Trial: {
      possible: boolean
      problems: S['FieldSay'][]
      asked: string[]
      required: string[]
      refusal?: string | null
      clause?: S['ClauseTag'] | null
      clocks: S['StartingClock'][]
      stage_after?: string | null
    }
    StartingClock: { deadline: string; title: string; clause?: S['ClauseTag'] | null; due_at?: string | null; limit: string }
    ApprovalView: {
      no: number
      approval: string
      title: string
      clause?: S['ClauseTag'] | null
      status: string
      steps: { need: number; slots: { who: string; person_name?: string | null; signed_at?: string | null; agreed?: boolean | null }[] }[]
      may_sign: boolean
    }
    QuestionView: {
      no: number
      title: string
      clause?: S['ClauseTag'] | null
      raised_at: string
      answer?: boolean | null
      answered_by?: string | null
      may_answer: boolean
      about_name?: string | null
    }
    Related: { id: string; number: string; title: string; stage_title: string; ended: boolean; gates: boolean }
    CustomerCard: { id: string; name: string; phones: string[]; premises: string; notes: string; cases: S['Related'][] }
    FieldSaid: { key: string; title: string; kind: string; display: string; personal: boolean; on_form: boolean }
    CaseView: S['CaseLine'] & {
      pack_version: string
      opened_at: string
      registrar_name?: string | null
      owning_unit_name?: string | null
      parent?: S['Related'] | null
      fields: S['FieldSaid'][]
      clocks: S['ClockView'][]
      past_clocks: S['ClockView'][]
      timeline: S['Entry'][]
      offers: S['OfferView'][]
      approvals: S['ApprovalView'][]
      questions: S['QuestionView'][]
      subcases: S['Related'][]
      customer_card?: S['CustomerCard'] | null
    }
    IntakeLine: { pack: string; procedure: string; title: string; clause?: S['ClauseTag'] | null; customer: boolean }
    Intake: { pack: string; procedure: string; title: string; form_title: string; fields: S['FieldView'][]; clocks: S['StartingClock'][] }
    NewCase: {
      pack: string
      procedure: string
      channel: string
      received_at?: string | null
      customer?: string | null
      unit?: string | null
      input: { [key: string]: unknown }
    }
    Act: { input: { [key: string]: unknown }; seen: number }
    FigureRow: {
      key: string
      title: string
      clause?: S['ClauseTag'] | null
      part: number
      of: number
      rate?: number | null
      target?: number | null
      met?: boolean | null
    }
    ClauseRow: {
      clause: S['ClauseTag']
      text: string
      limit?: string | null
      kept: number
      late: number
      open: number
      exempt: number
      lapsed: number
      refused: number
      rate?: number | null
      carried_by: string[]
      kept_by_people: boolean
      rules: string[]
      house: boolean
    }
    ClauseReport: {
      pack: string
      title: string
      version: string
      as_of: string
      from: string
      to: string
      totals: { due: number; kept: number; late: number; open: number; rate?: number | null }
      clauses: S['ClauseRow'][]
      figures: S['FigureRow'][]
      days: { day: string; kept: number; late: number }[]
    }
    ClauseCard: { clause: S['ClauseTag']; text: string; rate?: number | null; late: number; month: string }
    PackLine: { name: string; title: string; version: string; hash: string; effective?: string | null; units: string[] }
    CustomerLine: { id: string; name: string; phones: string[]; premises: string[]; open_cases: number }
    CustomerList: { items: S['CustomerLine'][]; next?: string | null }
    Unit: { id: string; name: string; parent?: string | null }
    PersonLine: { id: string; name: string; unit_name?: string | null; functions: string[] }
  }
}
