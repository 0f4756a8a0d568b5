/** One page of help for each kind of work. */
export const topics = ['agent', 'supervisor', 'handler', 'manager', 'administrator'] as const
export type Topic = (typeof topics)[number]

export const isTopic = (value: unknown): value is Topic => topics.includes(value as Topic)

const theirs: Record<Exclude<Topic, 'agent'>, readonly string[]> = {
  administrator: ['system_admin', 'security_admin', 'audit_admin'],
  manager: ['service_lead', 'general_manager', 'deputy_general_manager', 'management_representative', 'project_manager', 'auditor', 'quality_head'],
  supervisor: ['team_leader', 'duty_lead', 'duty_manager'],
  handler: ['department_head', 'problem_team', 'housekeeper', 'floor_leader'],
}

/** The page that opens by itself for who holds these functions. */
export function topicFor(held: readonly { key: string }[]): Topic {
  const keys = new Set(held.map((one) => one.key))
  return (Object.keys(theirs) as Exclude<Topic, 'agent'>[]).find((topic) => theirs[topic].some((key) => keys.has(key))) ?? 'agent'
}
