/** Who is who in the demo bank (`deploy/local/demo-bank.yaml`). */
export const people = {
  /** Relationship manager at BJ-HD. */
  rm: '100004',
  /** Another one at the same sub-branch; holds a restricted customer. */
  colleague: '100005',
  /** Senior relationship manager at BJ-HD. */
  seniorRm: '100006',
  /** Relationship manager at SH-PD. */
  shanghaiRm: '100010',
  /** Two posts at BJ-XC: senior relationship manager and branch manager. */
  twoPosts: '100009',
  beijingManager: '100025',
  shanghaiManager: '100026',
  guangzhouManager: '100027',
  chaoyangManager: '100028',
  teller: '100029',
  otherTeller: '100030',
  shanghaiTeller: '100031',
  serviceAgent: '100033',
  marketer: '100035',
  hqManager: '100037',
  riskOfficer: '100038',
  compliance: '100039',
  otherCompliance: '100040',
  steward: '100041',
  admin: '100042',
  otherAdmin: '100043',
  operator: '100044',
  otherHqManager: '100045',
  otherRiskOfficer: '100046',
  otherSteward: '100047',
} as const;
