// SPDX-License-Identifier: Apache-2.0
// What programs do with dockerode: node dockerode_suite.js SOCKET NAME
'use strict';
const assert = require('assert');
const { PassThrough } = require('stream');
const Docker = require('dockerode');

const [, , socketPath, name] = process.argv;
const docker = new Docker({ socketPath });

const refused = async (status, doing) => {
  try {
    await doing();
  } catch (error) {
    assert.strictEqual(error.statusCode, status, error.message);
    return error;
  }
  return assert.fail(`not refused with ${status}`);
};

const collected = (stream) => new Promise((resolve, reject) => {
  const parts = [];
  stream.on('data', (part) => parts.push(part));
  stream.on('end', () => resolve(Buffer.concat(parts).toString()));
  stream.on('error', reject);
});

const both = async (stream) => {
  const out = new PassThrough();
  const err = new PassThrough();
  docker.modem.demuxStream(stream, out, err);
  stream.on('end', () => { out.end(); err.end(); });
  return Promise.all([collected(out), collected(err)]);
};

const create = (options) => docker.createContainer({ Image: 'busybox', name, ...options });

const suite = {
  async 'ping, version, info'() {
    assert.strictEqual((await docker.ping()).toString(), 'OK');
    assert.ok((await docker.version()).ApiVersion);
    assert.strictEqual((await docker.info()).OSType, 'linux');
  },

  async 'run to the end'() {
    const out = new PassThrough();
    const text = collected(out);
    const [result, container] = await docker.run('busybox', ['sh', '-c', 'echo hi; exit 3'], out, { name });
    out.end();
    assert.strictEqual(result.StatusCode, 3);
    assert.match(await text, /hi/);
    await container.remove();
  },

  async 'life of a container'() {
    const container = await create({ Cmd: ['sleep', '1000'], Labels: { kind: name } });
    await refused(409, () => create({ Cmd: ['true'] }));
    await container.start();
    await refused(304, () => container.start());
    const listed = await docker.listContainers({ filters: { label: [`kind=${name}`] } });
    assert.deepStrictEqual(listed.map((one) => one.Names), [[`/${name}`]]);
    await container.pause();
    assert.strictEqual((await container.inspect()).State.Status, 'paused');
    await container.unpause();
    await container.rename({ name: `${name}b` });
    await container.update({ Memory: 64 << 20, MemorySwap: 128 << 20 });
    assert.strictEqual((await container.inspect()).HostConfig.Memory, 64 << 20);
    assert.ok((await container.top()).Titles.includes('PID'));
    const stats = await container.stats({ stream: false });
    assert.strictEqual(stats.memory_stats.limit, 64 << 20);
    await container.restart({ t: 0 });
    const ended = container.wait();
    await container.kill();
    assert.strictEqual((await ended).StatusCode, 137);
    await container.remove();
    await refused(404, () => container.inspect());
  },

  async 'attach, both ways'() {
    const container = await create({
      Cmd: ['sh', '-c', 'cat; echo bad >&2'], OpenStdin: true, StdinOnce: true, AttachStdin: true,
    });
    const stream = await container.attach({ stream: true, stdin: true, stdout: true, stderr: true, hijack: true });
    const told = both(stream);
    await container.start();
    stream.write('typed\n');
    stream.end();
    assert.deepStrictEqual(await told, ['typed\n', 'bad\n']);
    await container.remove({ force: true });
  },

  async 'exec'() {
    const container = await create({ Cmd: ['sleep', '1000'] });
    await container.start();
    const exec = await container.exec({
      Cmd: ['sh', '-c', 'read x; echo $x $A; echo e >&2; exit 4'], Env: ['A=b'],
      AttachStdin: true, AttachStdout: true, AttachStderr: true,
    });
    const stream = await exec.start({ hijack: true, stdin: true });
    const told = both(stream);
    stream.write('in\n');
    assert.deepStrictEqual(await told, ['in b\n', 'e\n']);
    const ended = await exec.inspect();
    assert.deepStrictEqual([ended.Running, ended.ExitCode], [false, 4]);
    await container.remove({ force: true });
  },

  async 'logs'() {
    const container = await create({ Cmd: ['sh', '-c', 'echo 1; sleep 0.2; echo 2'] });
    await container.start();
    const [out] = await both(await container.logs({ follow: true, stdout: true, stderr: true }));
    assert.strictEqual(out, '1\n2\n');
    const last = await container.logs({ stdout: true, tail: 1 });
    assert.match(last.toString(), /2\n$/);
    await container.remove({ force: true });
  },

  async 'archives'() {
    const container = await create({ Cmd: ['true'] });
    const stream = await container.getArchive({ path: '/etc/passwd' });
    assert.match(await collected(stream), /root:/);
    await refused(404, () => container.getArchive({ path: '/nosuch' }));
    await container.remove();
  },

  async 'events'() {
    const events = await docker.getEvents({ filters: { container: [name], event: ['create', 'destroy'] } });
    const seen = [];
    const done = new Promise((resolve) => {
      events.on('data', (part) => {
        for (const line of part.toString().split('\n').filter(Boolean)) {
          seen.push(JSON.parse(line).Action);
        }
        if (seen.length === 2) resolve();
      });
    });
    await (await create({ Cmd: ['true'] })).remove();
    await done;
    events.destroy();
    assert.deepStrictEqual(seen, ['create', 'destroy']);
  },

  async 'images'() {
    const image = docker.getImage('busybox');
    assert.ok((await image.inspect()).Id.startsWith('sha256:'));
    await image.tag({ repo: `${name}/tagged`, tag: '1' });
    assert.ok((await docker.listImages()).some((one) => one.RepoTags.includes(`${name}/tagged:1`)));
    assert.ok((await image.history()).length > 0);
    await docker.getImage(`${name}/tagged:1`).remove();
    await refused(404, () => docker.getImage('nosuch:1').inspect());
  },

  async 'networks and volumes'() {
    const network = await docker.createNetwork({ Name: name });
    const volume = await docker.createVolume({ Name: name, Labels: { a: 'b' } });
    const container = await create({
      Cmd: ['sh', '-c', 'echo kept > /v/file'],
      HostConfig: { NetworkMode: name, Binds: [`${name}:/v`] },
    });
    await container.start();
    await container.wait();
    await refused(409, () => docker.getVolume(name).remove());
    await container.remove();
    await network.remove();
    const { Volumes } = await docker.listVolumes({ filters: { label: ['a=b'] } });
    assert.deepStrictEqual(Volumes.map((one) => one.Name), [name]);
    await volume.remove();
  },

  async 'build'() {
    const tar = Buffer.alloc(2048);
    const text = 'FROM busybox\nRUN echo made > /made\n';
    tar.write('Dockerfile', 0);
    tar.write('0000644\0', 100);
    tar.write('0000000\0', 108);
    tar.write('0000000\0', 116);
    tar.write(text.length.toString(8).padStart(11, '0') + '\0', 124);
    tar.write('00000000000\0', 136);
    tar.write('        0', 148);
    tar.write(tar.subarray(0, 512).reduce((sum, byte) => sum + byte, 0).toString(8).padStart(6, '0') + '\0 ', 148);
    tar.write(text, 512);
    const stream = await docker.buildImage(require('stream').Readable.from([tar]), { t: `${name}:built` });
    const lines = await new Promise((resolve, reject) => {
      docker.modem.followProgress(stream, (error, output) => (error ? reject(error) : resolve(output)));
    });
    assert.ok(lines.some((line) => /Successfully tagged/.test(line.stream)), JSON.stringify(lines));
    await docker.getImage(`${name}:built`).remove();
  },
};

(async () => {
  for (const [title, test] of Object.entries(suite)) {
    await test();
    console.log(`dockerode: ${title}: ok`);
  }
  console.log('dockerode: all of it');
})().catch((error) => {
  console.error(error);
  process.exit(1);
});
