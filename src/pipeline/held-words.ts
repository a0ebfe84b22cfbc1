/** Why work was held, for people. A secret's value is not known here. */
import type { HeldOutput } from '../contract/output-limits.ts'
import type { Finding, Guarded } from '../contract/protection.ts'

const KIB = 1024
/** How many findings of a kind are named. */
const NAMED_MAX = 5

/** What is over which limit, and the largest files; empty where nothing is. */
export function sizeInWords({ measured, limits, largest }: HeldOutput): string {
  const over = [
    ...(measured.patchBytes > limits.patchBytes
      ? [`the patch has ${bytes(measured.patchBytes)}, allowed are ${bytes(limits.patchBytes)}`]
      : []),
    ...(measured.files > limits.files ? [`it changes ${measured.files} files, allowed are ${limits.files}`] : []),
    ...(measured.fileBytes > limits.fileBytes
      ? [`its largest file has ${bytes(measured.fileBytes)}, allowed are ${bytes(limits.fileBytes)}`]
      : []),
  ]
  if (over.length === 0) return ''
  const files = largest.slice(0, 3).map((file) => `${file.path} (${bytes(file.bytes)})`)
  const named = files.length === 0 ? '' : ` The largest: ${files.join(', ')}.`
  return `${over.join('; ')}.${named}`
}

/** What is guarded: files and lines, never a value. */
export function guardedInWords({ findings, more }: Guarded): string {
  const of = (kind: Finding['kind']): Finding[] => findings.filter((finding) => finding.kind === kind)
  const parts = [
    words('it has credentials of this Switchyard', of('own-secret'), place),
    words('it has what looks like a credential', of('secret'), (finding) => `${finding.what} in ${place(finding)}`),
    words('it touches what is protected', of('protected'), ({ path, what }) => `${path} (${what})`),
    words('it changes what runs when packages are installed', of('manifest'), ({ path, what }) => `${path}: ${what}`),
  ].filter((part) => part !== '')
  const rest = more === 0 ? '' : ` There are ${more} more.`
  const history =
    of('secret').length + of('own-secret').length === 0
      ? ''
      : ' It must not be in any commit, also not in one that a later one undoes.'
  return `${parts.join('; ')}.${rest}${history}`
}

function words(lead: string, findings: readonly Finding[], each: (finding: Finding) => string): string {
  if (findings.length === 0) return ''
  const named = findings.slice(0, NAMED_MAX).map(each)
  const more = findings.length > named.length ? ` and ${findings.length - named.length} more` : ''
  return `${lead}: ${named.join(', ')}${more}`
}

function place({ path, line }: Finding): string {
  return line === undefined ? path : `${path}, line ${line}`
}

/** To one decimal, never rounded down to what is within a limit. */
function bytes(size: number): string {
  const [unit, name] = size < KIB * KIB ? [KIB, 'KiB'] : [KIB * KIB, 'MiB']
  return size < KIB ? `${size} bytes` : `${Math.ceil((size / unit) * 10) / 10} ${name}`
}
