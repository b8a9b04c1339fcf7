export { type Authority, type Certificate, openAuthority } from './authority.ts';
