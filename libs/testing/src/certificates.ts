export { type Authority, type Certificate, openAuthority } from '@bankcrm/provision';
