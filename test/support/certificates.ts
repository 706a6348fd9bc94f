import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A certificate authority of a test's own. Certificates are made by openssl, which the machine must have. */
export class TestAuthority {
  readonly folder = mkdtempSync(join(tmpdir(), 'flowyml-ca-'));
  readonly ca = join(this.folder, 'ca.pem');

  constructor(name = 'flowyml tests') {
    this.openssl('req', '-x509', '-days', '2', ...request(name), '-keyout', 'ca.key', '-out', 'ca.pem');
  }

  /** A certificate and its key, as files. `days`: -1 for one that has expired. */
  issue(file: string, subject: string, { san, days = 2 }: { san?: string; days?: number } = {}): { cert: string; key: string } {
    const names = san ? ['-addext', `subjectAltName=${san}`] : [];
    this.openssl('req', ...request(subject), '-keyout', `${file}.key`, '-out', `${file}.csr`, ...names);
    this.sign(`${file}.csr`, `${file}.pem`, days);
    return { cert: join(this.folder, `${file}.pem`), key: join(this.folder, `${file}.key`) };
  }

  /** A certificate for a public key in PEM that somebody sends, as PEM. */
  issueFor(publicKey: string, subject: string): string {
    writeFileSync(join(this.folder, 'sent.pub'), publicKey);
    this.openssl('req', ...request(subject), '-keyout', 'unused.key', '-out', 'sent.csr');
    this.sign('sent.csr', 'sent.pem', 1, ['-force_pubkey', 'sent.pub']);
    return readFileSync(join(this.folder, 'sent.pem'), 'utf8');
  }

  private sign(csr: string, out: string, days: number, more: string[] = []): void {
    const by = ['-CA', 'ca.pem', '-CAkey', 'ca.key', '-CAcreateserial', '-copy_extensions', 'copy'];
    this.openssl('x509', '-req', '-days', `${days}`, '-in', csr, ...by, ...more, '-out', out);
  }

  private openssl(...args: string[]): void {
    execFileSync('openssl', args, { cwd: this.folder, stdio: 'pipe' });
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

const request = (name: string) => ['-subj', `/CN=${name}`, '-nodes', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256'];
