/** What of the log somebody may read. */
export interface Reader {
  /** Settings of a transaction that row-level security reads. */
  settings: Readonly<Record<string, string>>;
  /** The whole log; otherwise the entries of these actors. */
  everything: boolean;
  actors: readonly string[];
  /** Customers are shown and may be searched. */
  seesCustomers: boolean;
}
