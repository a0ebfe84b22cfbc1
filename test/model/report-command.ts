/** A shell command that writes a report to where the job wants it, with the job's nonce, both from the environment. */
export function reportCommand(report: Record<string, unknown>): string {
  const rest = JSON.stringify(report).slice(1)
  const nonce = `printf '{"nonce":"%s"${rest === '}' ? '' : ','}' "$SWITCHYARD_NONCE"`
  return `{ ${nonce}; cat <<'END_OF_REPORT'\n${rest}\nEND_OF_REPORT\n} > "$SWITCHYARD_REPORT_FILE"`
}
