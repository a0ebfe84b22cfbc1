/** The logger that the runner's parts are handed; pino's fits. Messages are static, what varies goes into the fields. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
}
