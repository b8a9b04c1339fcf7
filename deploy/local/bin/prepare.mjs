// What comes before everything else on a fresh clone, run by whatever Node the machine has and with nothing installed: plain JavaScript,
// no dependencies.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.package-lock.sha256');

/** Checks what the machine must bring and installs packages when they are missing or outdated. Ends the process with a message where it cannot. */
export function prepare() {
  const missing = [nodeProblem(), javaProblem(), mavenProblem()].filter((problem) => problem !== undefined);
  if (missing.length > 0) {
    console.error(`This machine lacks:\n${missing.map((problem) => `  ${problem}`).join('\n')}`);
    process.exit(1);
  }
  installPackages();
}

/**
 * Runs a program of the repository (path from its root) with Node 24 of the `node` package, and ends as it ends. Stays as its parent so that npm
 * waits, and passes on what it is told. The terminal signals the child itself; being told twice does no harm.
 */
export function handOver(program, args) {
  // kafkajs computes a negative delay after an idle connection; Node 24 warns of it each time.
  const all = ['--disable-warning=TimeoutNegativeWarning', join(root, program), ...args];
  const child = spawn(nodeProgram(), all, { cwd: root, stdio: ['inherit', 'inherit', 'inherit', 'ipc'], env: withNodeFirst() });
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => child.kill(name));
  child.on('error', (error) => {
    console.error(`Node 24 could not be run: ${error.message}`);
    process.exit(1);
  });
  child.on('exit', (code, name) => process.exit(name === null ? (code ?? 1) : 128 + constants.signals[name]));
}

function nodeProblem() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20)
    return `Node.js 20 or newer (this is ${process.versions.node}): https://nodejs.org/en/download, or your system's package "nodejs"`;
  return undefined;
}

function javaProblem() {
  const how = 'https://adoptium.net, "apt install openjdk-17-jdk-headless", or "brew install openjdk@21"';
  for (const program of ['java', 'javac']) {
    const { error, status, stderr, stdout } = spawnSync(program, ['-version'], { encoding: 'utf8', timeout: 60_000 });
    if (error || status !== 0) return `a JDK, 17 or newer ("${program}" is not on the PATH): ${how}`;
    // `openjdk version "17.0.15" 2025-04-15` and `javac 17.0.15`; Java 8 calls itself 1.8.
    const version = /(?:version "|javac )(?:1\.)?(\d+)/.exec(`${stderr}${stdout}`)?.[1];
    if (version === undefined || Number(version) < 17)
      return `a JDK, 17 or newer (${program} is ${version ?? 'of an unknown version'}): ${how}`;
  }
  return undefined;
}

function mavenProblem() {
  const { error, status } = spawnSync('mvn', ['-v'], { stdio: 'ignore', timeout: 60_000, shell: process.platform === 'win32' });
  if (error || status !== 0)
    return 'Maven ("mvn" is not on the PATH): https://maven.apache.org/install.html, "apt install maven", or "brew install maven"';
  return undefined;
}

/** Runs `npm ci` unless the installed packages are those of the present lock file. */
function installPackages() {
  const wanted = createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');
  if (isInstalled(wanted)) return;
  console.log('installing packages (npm ci)');
  const began = performance.now();
  // On Node 20 npm warns of every package that wants a newer one; what runs is Node 24 of the `node` package.
  const { error, status } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: 'inherit',
    shell: process.platform === 'win32',
  });
  if (error || status !== 0) {
    console.error('npm ci failed; its messages are above.');
    process.exit(status || 1);
  }
  writeFileSync(stampFile, wanted);
  console.log(`packages are installed (${((performance.now() - began) / 1000).toFixed(1)} s)`);
}

function isInstalled(wanted) {
  if (!existsSync(nodeProgram())) return false;
  if (existsSync(stampFile)) return readFileSync(stampFile, 'utf8') === wanted;
  // Installed by hand: npm leaves its own record of the lock file it installed, without the entry for the root itself.
  try {
    const locked = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages;
    const installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages;
    return Object.entries(locked)
      .filter(([path, entry]) => path.includes('node_modules/') && (installed[path] !== undefined || !entry.optional))
      .every(([path, entry]) => installed[path]?.version === entry.version && installed[path]?.integrity === entry.integrity);
  } catch {
    return false;
  }
}

function nodeProgram() {
  return join(modules, '.bin', process.platform === 'win32' ? 'node.cmd' : 'node');
}

/** What the stack starts finds Node 24 first, too. */
function withNodeFirst() {
  const separator = process.platform === 'win32' ? ';' : ':';
  return { ...process.env, PATH: `${join(modules, '.bin')}${separator}${process.env.PATH ?? ''}` };
}
