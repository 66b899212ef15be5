"""Terraform's own functions (those of 1.11): how many arguments each takes, and what it gives."""

# fewest arguments, whether more may follow, what comes out, and the functions of which that is true
_TABLE = """
0 string plantimestamp timestamp uuid
0+ any coalesce coalescelist concat merge setproduct try
0+ number max min
0+ numbers range
1 any csvdecode ephemeralasnull flatten jsondecode keys nonsensitive one reverse sensitive sum values
1 any yamldecode
1 bool alltrue anytrue can fileexists issensitive tobool
1 list distinct tolist toset
1 map tomap transpose
1 number abs ceil floor length signum tonumber
1 string abspath base64decode base64encode base64gzip base64sha256 base64sha512 basename chomp cidrnetmask
1 string dirname file filebase64 filebase64sha256 filebase64sha512 filemd5 filesha1 filesha256 filesha512
1 string jsonencode lower md5 pathexpand sha1 sha256 sha512 strrev title tostring trimspace upper urlencode
1 string yamlencode
1 strings compact sort
1+ any format formatlist
1+ list setintersection setunion
1+ string bcrypt join
1+ strings cidrsubnets
2 any contains element index parseint regex templatefile zipmap
2 bool endswith startswith strcontains
2 list chunklist regexall setsubtract
2 number log pow timecmp
2 string cidrhost formatdate indent rsadecrypt templatestring textdecodebase64 textencodebase64 timeadd trim
2 string trimprefix trimsuffix uuidv5
2 strings fileset split
2+ any lookup
3 any slice
3 list matchkeys
3 string cidrsubnet replace substr
"""


def _read():
    found = {}
    for row in _TABLE.split("\n"):
        arity, gives, *names = row.split() or ("", "")
        for name in names:
            found[name] = (int(arity.rstrip("+")), None if arity.endswith("+") else int(arity), gives)
    return found


FUNCTIONS = _read()
