export const text = open('./hello.txt');
