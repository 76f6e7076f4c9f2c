// What goja's promises and async functions take for the operations that loops.py does with tasks.

const tasks = 100, gathered = 1000;

async function nothing() { return 1; }

const operations = {
	async create_task(n) {
		let done = 0;
		for (let i = 0; i < n; i++) done += await nothing();
		return done;
	},
	async sleep(n) {
		const each = Math.ceil(n / tasks);
		let switches = 0;
		async function giveWay() {
			for (let i = 0; i < each; i++) {
				await null;
				switches++;
			}
		}
		const all = [];
		for (let i = 0; i < tasks; i++) all.push(giveWay());
		for (const one of all) await one;
		return switches;
	},
	async gather(n) {
		let done = 0;
		while (done < n) {
			const all = [];
			for (let i = 0; i < gathered; i++) all.push(nothing());
			for (const one of await Promise.all(all)) done += one;
		}
		return done;
	},
};

function start(name, n, done, failed) { operations[name](n).then(done, failed); }
