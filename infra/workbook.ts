import { literal, queryNamed } from './queries/query'

/** How the answer of a query is shown. */
type Show = 'table' | 'linechart' | 'barchart' | 'areachart'

interface Panel {
  readonly query: string
  readonly title: string
  readonly show: Show
}

interface Section {
  readonly title: string
  readonly panels: readonly Panel[]
}

/** What the workbook shows, from top to bottom; a title belongs to the panel, the question it answers is the query's own comment. */
export const sections: readonly Section[] = [
  {
    title: 'Is it running?',
    panels: [
      { query: 'ingest-health', title: 'Through the pipe', show: 'linechart' },
      { query: 'lag', title: 'How far behind', show: 'table' },
      { query: 'latency', title: 'How long things take', show: 'table' },
    ],
  },
  {
    title: 'Is the data sound?',
    panels: [
      { query: 'quality', title: 'Rejected, late, twice', show: 'table' },
      { query: 'gaps', title: 'Lost, or refused', show: 'table' },
      { query: 'batch', title: 'Daily batch', show: 'table' },
    ],
  },
  {
    title: 'Stock-outs',
    panels: [
      { query: 'stock-outs', title: 'Opened and resolved', show: 'barchart' },
      { query: 'stock-out-batches', title: 'Largest batches of them', show: 'table' },
    ],
  },
  {
    title: 'What goes wrong',
    panels: [
      { query: 'failures', title: 'Failed invocations', show: 'table' },
      { query: 'hub-errors', title: 'Event Hubs', show: 'table' },
      { query: 'storage-errors', title: 'Storage', show: 'table' },
      { query: 'postgres-errors', title: 'PostgreSQL', show: 'table' },
      { query: 'trace', title: 'From event to commit', show: 'table' },
    ],
  },
  {
    title: 'Room and cost',
    panels: [
      { query: 'capacity', title: 'Close to a limit?', show: 'table' },
      { query: 'cost', title: 'Gigabytes of monitoring', show: 'table' },
    ],
  },
]

const hourMs = 3_600_000
const workspaces = 'microsoft.operationalinsights/workspaces'

/**
 * The workbook as Azure keeps it, a JSON text for Terraform: what looks like a template in a query is escaped, the
 * workspace's id may be a reference.
 * Format: https://github.com/microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json
 */
export function workbookJson(workspaceId: string): string {
  const workbook = {
    version: 'Notebook/1.0',
    items: [
      text(
        'heading',
        '# Tillstream\nFrom the tills to the figures. Alerts link to docs/runbooks.md, which names these queries.',
      ),
      timeRange(),
      ...sections.flatMap((section, index) => [
        text(`section-${index}`, `## ${section.title}`),
        ...section.panels.map((panel) => queryItem(panel, workspaceId)),
      ]),
    ],
    fallbackResourceIds: [workspaceId],
    $schema: 'https://github.com/Microsoft/Application-Insights-Workbooks/blob/master/schema/workbook.json',
  }
  return JSON.stringify(workbook)
}

function text(name: string, json: string) {
  return { type: 1, content: { json: literal(json) }, name }
}

function timeRange() {
  const selectable = [1, 4, 12, 24, 72, 168, 720].map((hours) => ({ durationMs: hours * hourMs }))
  const parameter = {
    id: '6f1d3c5e-0b7a-4c38-9a54-1d0d3f6f2b11',
    version: 'KqlParameterItem/1.0',
    name: 'TimeRange',
    label: 'Time range',
    type: 4,
    isRequired: true,
    value: { durationMs: 24 * hourMs },
    typeSettings: { selectableValues: selectable, allowCustom: true },
  }
  const content = {
    version: 'KqlParameterItem/1.0',
    parameters: [parameter],
    style: 'pills',
    queryType: 0,
    resourceType: workspaces,
  }
  return { type: 9, content, name: 'time-range' }
}

function queryItem({ query, title, show }: Panel, workspaceId: string) {
  const { text, answers } = queryNamed(query)
  return {
    type: 3,
    content: {
      version: 'KqlItem/1.0',
      query: literal(text),
      size: 0,
      title,
      noDataMessage: literal(`Nothing in this time. ${answers}`),
      timeContextFromParameter: 'TimeRange',
      queryType: 0,
      resourceType: workspaces,
      crossComponentResources: [workspaceId],
      visualization: show,
    },
    name: query,
  }
}
