/** What the set leaves out of a client: made from the client's number alone, so that each replay invents the same. */
export type InventedPerson = { fullName: string; mobile: string; email: string; passport: string; street: string };

const men = [
  'Jan',
  'Petr',
  'Josef',
  'Pavel',
  'Jaroslav',
  'Martin',
  'Tomáš',
  'Miroslav',
  'František',
  'Zdeněk',
  'Václav',
  'Jiří',
  'Karel',
];
const women = [
  'Marie',
  'Jana',
  'Eva',
  'Anna',
  'Hana',
  'Věra',
  'Lenka',
  'Alena',
  'Kateřina',
  'Lucie',
  'Jaroslava',
  'Zdeňka',
  'Olga',
];
/** Masculine and feminine form. */
const surnames = [
  ['Novák', 'Nováková'],
  ['Svoboda', 'Svobodová'],
  ['Novotný', 'Novotná'],
  ['Dvořák', 'Dvořáková'],
  ['Černý', 'Černá'],
  ['Procházka', 'Procházková'],
  ['Kučera', 'Kučerová'],
  ['Veselý', 'Veselá'],
  ['Horák', 'Horáková'],
  ['Němec', 'Němcová'],
  ['Pokorný', 'Pokorná'],
  ['Marek', 'Marková'],
  ['Pospíšil', 'Pospíšilová'],
  ['Hájek', 'Hájková'],
  ['Jelínek', 'Jelínková'],
  ['Král', 'Králová'],
  ['Růžička', 'Růžičková'],
] as const;
const streets = ['Nádražní', 'Školní', 'Husova', 'Palackého', 'Žižkova', 'Komenského', 'Polní'];

/** Numbers of lists have no common factor, so neighbours in the table differ in every part of the name. */
export function inventPerson(clientId: number, female: boolean): InventedPerson {
  const given = female ? women : men;
  const surname = surnames[clientId % surnames.length] as (typeof surnames)[number];
  return {
    fullName: `${given[(clientId * 5) % given.length]} ${surname[female ? 1 : 0]}`,
    mobile: `+420601${String(clientId).padStart(6, '0')}`,
    // RFC 2606 keeps example.org for examples.
    email: `client${clientId}@example.org`,
    // A Czech passport has eight digits; 99… is no series in use.
    passport: `99${String(clientId).padStart(6, '0')}`,
    street: `${streets[(clientId * 3) % streets.length]} ${(clientId % 180) + 1}`,
  };
}
