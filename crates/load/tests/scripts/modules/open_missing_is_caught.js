let message;
try { open('./no_such_file.txt'); } catch (e) { message = String(e); }
let none;
try { open(); } catch (e) { none = `threw ${e}`; }
let folder;
try { open('./lib'); } catch (e) { folder = `threw ${e}`; }
export default function () { console.log(message.includes('no_such_file.txt'), none, folder); }
